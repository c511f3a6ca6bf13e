// Boxes on a picture: drawn, moved, resized and named with finger, pen, mouse or keyboard; or only shown and chosen.
// What is sent names the picture it belongs to, so that a late answer is not taken for another picture's.
// All texts may be a stranger's: they are only ever set as text.

const SMALLEST = 2; // pixels of the picture
const HANDLES = [[-1, -1], [1, -1], [1, 1], [-1, 1], [0, -1], [1, 0], [0, 1], [-1, 0]];
const ROOMY = 40; // a shorter side on the screen has no handle in its middle
const HANDLE_ROOM = 9;
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const STEPS = { "[": -1, "]": 1, PageUp: -1, PageDown: 1 };
const MOST_UNDO = 100;

const between = (low, value, high) => Math.min(Math.max(value, low), Math.max(low, high));
const hundredths = (value) => Math.round(value * 100) / 100;
const sides = (box) => [box[2] - box[0], box[3] - box[1]];
const area = (box) => sides(box)[0] * sides(box)[1];
const around = (box, [x, y], slack) =>
  x >= box[0] - slack && x <= box[2] + slack && y >= box[1] - slack && y <= box[3] + slack;
const corner = (box, [x, y]) => [
  x < 0 ? box[0] : x > 0 ? box[2] : (box[0] + box[2]) / 2,
  y < 0 ? box[1] : y > 0 ? box[3] : (box[1] + box[3]) / 2,
];

/** Focus by a press: no ring until a key is used. */
const focus = (stage) => {
  stage.classList.add("pressed");
  stage.focus({ preventScroll: true });
};

/** Black or white, whichever is read more easily on a colour. */
const inkOn = (color) => {
  const [red, green, blue] = [1, 3, 5]
    .map((from) => parseInt(color.slice(from, from + 2), 16) / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.179 ? "#000000" : "#ffffff";
};

const add = (parent, kind, name, text = "") => {
  const made = parent.appendChild(document.createElement(kind));
  made.className = name;
  made.textContent = text;
  return made;
};

/** The picture, the boxes on it and their labels; knows nothing of what may be done with them. */
function board(root, stage, data) {
  const layer = root.querySelector(".layer");
  const picture = root.querySelector("img");
  const size = [data.width, data.height];
  root.querySelector(".whole").classList.toggle("editing", Boolean(data.classes));
  stage.style.setProperty("--ratio", `${size[0]} / ${size[1]}`);
  stage.style.setProperty("--tall", String(Math.min(1, size[0] / size[1])));
  picture.classList.toggle("pixels", Math.max(...size) < 48);
  if (picture.getAttribute("src") !== data.picture) picture.src = data.picture;
  let labels = [];

  const scale = () => layer.clientWidth / size[0];
  const place = (event) => {
    const area = layer.getBoundingClientRect();
    return [((event.clientX - area.left) / area.width) * size[0], ((event.clientY - area.top) / area.height) * size[1]];
  };
  const within = ([x, y]) => [between(0, x, size[0]), between(0, y, size[1])];
  /** Boxes under a point, the smallest first; very small ones are also hit beside. */
  const under = (boxes, point, slack) => {
    const hit = (reach) => boxes.map((_, index) => index).filter((index) => around(boxes[index], point, reach(index)));
    const exact = hit(() => 0);
    const tiny = (index) => (Math.min(...sides(boxes[index])) * scale() < 24 ? slack / scale() : 0);
    return (exact.length ? exact : hit(tiny)).sort((one, other) => area(boxes[one]) - area(boxes[other]));
  };

  const placeLabels = () => {
    const [wide, high, by] = [layer.clientWidth, layer.clientHeight, scale()];
    const taken = [];
    const free = ([x, y, w, h]) =>
      taken.every(([left, top, wide, high]) => x >= left + wide || left >= x + w || y >= top + high || top >= y + h);
    const measured = labels.map(([label, box]) => {
      return [label, box.map((edge) => edge * by), label.offsetWidth, label.offsetHeight];
    });
    for (const [label, [left, upper, right, lower], w, h] of measured) {
      const room = data.classes && label.classList.contains("chosen") ? HANDLE_ROOM : 0;
      const [top, bottom] = [upper - room, lower + room];
      const inside = [[left, upper + room], [left, lower - h]];
      const spots = [[left, top - h], [left, bottom], inside[0], [right - w, top - h], [right - w, bottom], inside[1]]
        .filter(([, y]) => y >= -1 && y + h <= high + 1)
        .concat([[left, upper]])
        .map(([x, y]) => [between(0, x, wide - w), between(0, y, high - h), w, h]);
      const spot = spots.find(free) || spots[0];
      taken.push(spot);
      label.style.transform = `translate(${Math.round(spot[0])}px, ${Math.round(spot[1])}px)`;
    }
  };
  const drawHandles = (parent, box) => {
    const [wide, high] = sides(box).map((side) => side * scale());
    for (const [x, y] of HANDLES) {
      if ((x === 0 && wide < ROOMY) || (y === 0 && high < ROOMY)) continue;
      const handle = add(parent, "i", "handle");
      // Per cent count inside the box's border.
      handle.style.left = `calc(${50 + 50 * x}% + ${x} * var(--line))`;
      handle.style.top = `calc(${50 + 50 * y}% + ${y} * var(--line))`;
    }
  };
  /** items: {box, color, text, style, words}; selected: place of one or null. */
  const show = (items, selected) => {
    layer.replaceChildren();
    const drawn = items.map((item, index) => {
      const made = add(layer, data.classes ? "div" : "button", `box ${item.style}`);
      const chosen = index === selected;
      const [wide, high] = sides(item.box);
      made.style.left = `${(100 * item.box[0]) / size[0]}%`;
      made.style.top = `${(100 * item.box[1]) / size[1]}%`;
      made.style.width = `${(100 * wide) / size[0]}%`;
      made.style.height = `${(100 * high) / size[1]}%`;
      made.style.zIndex = chosen ? items.length + 1 : items.filter((other) => area(other.box) > area(item.box)).length;
      made.style.setProperty("--color", item.color);
      made.setAttribute("aria-label", item.words);
      made.classList.toggle("chosen", chosen);
      if (data.classes) made.setAttribute("role", "img");
      else {
        made.type = "button";
        made.tabIndex = -1;
        made.setAttribute("aria-pressed", String(chosen));
      }
      if (chosen && data.classes) drawHandles(made, item.box);
      return made;
    });
    labels = items
      .map((item, index) => [item, index])
      .filter(([item]) => item.text)
      .sort(([, one], [, other]) => (other === selected) - (one === selected))
      .map(([item, index]) => {
        const label = add(layer, "span", index === selected ? "label chosen" : "label", item.text);
        label.setAttribute("aria-hidden", "true");
        label.style.background = item.color;
        label.style.color = inkOn(item.color);
        label.style.zIndex = items.length + (index === selected ? 3 : 2);
        return [label, item.box];
      });
    placeLabels();
    return drawn;
  };

  stage.watched?.disconnect();
  stage.watched = new ResizeObserver(() => stage.redraw?.());
  stage.watched.observe(layer);
  return { size, scale, place, within, under, show };
}

function edit(root, stage, data) {
  if (stage.dataset.token === data.token) return; // What is on the screen is newer than what comes back.
  stage.dataset.token = data.token;
  delete stage.dataset.drawn;
  const { size, scale, place, within, under, show } = board(root, stage, data);
  const part = (name) => root.querySelector(`.${name}`);
  const [status, fresh, remove, undo] = ["status", "fresh", "remove", "undo"].map(part);
  const step = between(1, Math.round(Math.min(...size) / 40), 5);
  const history = [];
  let boxes = data.boxes.map((box) => [...box]);
  let label = between(0, Number(stage.dataset.label || 0), data.classes.length - 1);
  let [selected, armed, drag, typing] = [null, false, null, null];

  const say = (text) => (status.textContent = text);
  const describe = () => {
    const count = boxes.length === 1 ? "1 box" : `${boxes.length} boxes`;
    if (!data.classes.length) say("Make a class first; then boxes can be drawn.");
    else if (armed) say("Drag over the picture, also over other boxes.");
    else if (!boxes.length) say("No boxes yet. Drag over the picture to draw one.");
    else if (selected === null) say(`${count}. Press one to change it, or drag beside them for a new one.`);
    else {
      const [wide, high] = sides(boxes[selected]).map(Math.round);
      const { name } = data.classes[boxes[selected][4]];
      say(`Box ${selected + 1} of ${boxes.length}: ${name}, ${wide} × ${high} pixels`);
    }
  };
  const redraw = () => {
    const items = boxes.map((box, index) => {
      const { name, color } = data.classes[box[4]];
      return { box, color, text: name, style: "solid", words: `Box ${index + 1}: ${name}` };
    });
    const { color } = data.classes[label] || {};
    const made = drag?.made && { box: drag.made, color, text: "", style: "solid", words: "" };
    show(made ? [...items, made] : items, made ? items.length : selected);
    remove.setAttribute("aria-disabled", String(selected === null));
    undo.setAttribute("aria-disabled", String(!history.length));
    fresh.setAttribute("aria-pressed", String(armed));
    const shown = selected === null ? label : boxes[selected][4];
    buttons.forEach((button, index) => button.setAttribute("aria-pressed", String(index === shown)));
  };
  const update = () => {
    redraw();
    describe();
  };
  const copy = () => boxes.map((box) => [...box]);
  const commit = (before) => {
    history.push(before);
    if (history.length > MOST_UNDO) history.shift();
    stage.send("boxes", { token: data.token, boxes: copy() });
    update();
  };
  const full = () => {
    if (boxes.length < data.most) return false;
    say(`A picture may have ${data.most} boxes at most.`);
    return true;
  };

  const addBox = (box) => {
    if (!data.classes.length || full()) return;
    const before = copy();
    boxes.push([...box.map(hundredths), label]);
    selected = boxes.length - 1;
    armed = false;
    commit(before);
  };
  const addInMiddle = () => {
    const [x, y] = size.map((side) => Math.round(side / 2));
    const [wide, high] = size.map((side) => Math.max(1, Math.round(side / 8)));
    addBox([x - wide, y - high, x + wide, y + high]);
  };
  const removeSelected = () => {
    if (selected === null) return;
    const before = copy();
    boxes.splice(selected, 1);
    selected = null;
    commit(before);
  };
  const takeBack = () => {
    if (!history.length) return;
    boxes = history.pop();
    selected = null;
    stage.send("boxes", { token: data.token, boxes: copy() });
    update();
  };
  const choose = (index) => {
    label = index;
    stage.dataset.label = index;
    if (selected === null || boxes[selected][4] === index) return update();
    const before = copy();
    boxes[selected][4] = index;
    commit(before);
  };
  const shift = (box, x, y) => {
    const [wide, high] = sides(box);
    const left = hundredths(between(0, box[0] + x, size[0] - wide));
    const top = hundredths(between(0, box[1] + y, size[1] - high));
    return [left, top, ...within([hundredths(left + wide), hundredths(top + high)]), box[4]];
  };
  const stretch = (box, [x, y], [right, down]) => {
    const across = x < 0 ? [box[0] + right, box[2]] : [box[0], box[2] + (x && right)];
    const along = y < 0 ? [box[1] + down, box[3]] : [box[1], box[3] + (y && down)];
    const [low, high] = [Math.min, Math.max].map((pick) => within([pick(...across), pick(...along)]));
    return [...low, ...high].map(hundredths).concat(box[4]);
  };
  const usable = (box) => Math.min(...sides(box)) >= SMALLEST;

  /** The selected box's handle under a point; inside a small box the middle stays free for moving it. */
  const handleAt = (point, reach) => {
    if (selected === null) return null;
    const box = boxes[selected];
    const shown = sides(box).map((side) => side * scale());
    const near = around(box, point, 0) ? Math.min(reach, Math.min(...shown) / 4) : reach;
    const away = ([x, y]) => {
      const [left, top] = corner(box, [x, y]);
      return Math.max(Math.abs(point[0] - left), Math.abs(point[1] - top)) * scale();
    };
    return HANDLES.filter(([x, y]) => (x || shown[0] >= ROOMY) && (y || shown[1] >= ROOMY))
      .filter((handle) => away(handle) <= near)
      .sort((one, other) => away(one) - away(other))[0];
  };
  const intent = (event) => {
    const [point, touch] = [place(event), event.pointerType === "touch"];
    if (armed || event.shiftKey) return { kind: "draw", point };
    const handle = handleAt(point, touch ? 24 : 12);
    if (handle) return { kind: "stretch", point, handle, index: selected };
    const hits = under(boxes, point, touch ? 12 : 4);
    if (!hits.length) return { kind: "draw", point };
    const again = hits.includes(selected);
    return { kind: "move", point, hits, again, index: again ? selected : hits[0] };
  };
  const cursorOf = ({ kind, handle }) => {
    if (kind !== "stretch") return kind === "move" ? "move" : "crosshair";
    if (!handle[0]) return "ns-resize";
    return !handle[1] ? "ew-resize" : handle[0] === handle[1] ? "nwse-resize" : "nesw-resize";
  };

  stage.onpointerdown = (event) => {
    if (event.button > 0 || drag) return; // A second finger does nothing.
    event.preventDefault();
    finishTyping();
    focus(stage);
    const at = [event.clientX, event.clientY];
    drag = { ...intent(event), pointer: event.pointerId, at, before: copy(), moved: false };
    stage.setPointerCapture(event.pointerId);
    selected = drag.kind === "draw" ? null : drag.index;
    update();
  };
  stage.onpointermove = (event) => {
    if (!drag) return void (stage.style.cursor = cursorOf(intent(event)));
    if (event.pointerId !== drag.pointer) return;
    const far = Math.hypot(event.clientX - drag.at[0], event.clientY - drag.at[1]);
    if (!drag.moved && far < (event.pointerType === "touch" ? 6 : 3)) return;
    drag.moved = true;
    const point = place(event);
    const by = [point[0] - drag.point[0], point[1] - drag.point[1]];
    if (drag.kind === "draw") drag.made = stretch([...drag.point, ...drag.point, label], [1, 1], by);
    else if (drag.kind === "move") boxes[drag.index] = shift(drag.before[drag.index], ...by);
    else boxes[drag.index] = stretch(drag.before[drag.index], drag.handle, by);
    update();
  };
  const pressed = ({ kind, hits, again, index }) => {
    // A second press on the same place reaches the box below.
    if (kind === "move" && again) selected = hits[(hits.indexOf(index) + 1) % hits.length];
    update();
  };
  const end = (event) => {
    if (event.pointerId !== drag?.pointer) return;
    const done = drag;
    drag = null;
    if (!done.moved) return pressed(done);
    if (done.kind === "draw") {
      update();
      if (done.made && usable(done.made)) addBox(done.made.slice(0, 4));
    } else if (usable(boxes[done.index])) commit(done.before);
    else cancel(done);
  };
  const cancel = ({ before }) => {
    drag = null;
    boxes = before;
    update();
  };
  stage.onpointerup = end;
  stage.onpointercancel = (event) => event.pointerId === drag?.pointer && cancel(drag);

  const finishTyping = () => {
    if (!typing) return;
    const before = typing;
    typing = null;
    commit(before);
  };
  const nudge = (event, [x, y]) => {
    if (selected === null) return;
    const by = event.shiftKey ? Math.min(1, step / 2) : step;
    typing ||= copy();
    const box = boxes[selected];
    if (!event.altKey && !event.ctrlKey && !event.metaKey) boxes[selected] = shift(box, x * by, y * by);
    else {
      const [wide, high] = sides(box);
      const grown = [Math.max(SMALLEST, wide + x * by), Math.max(SMALLEST, high + y * by)];
      boxes[selected] = stretch(box, [1, 1], [x && grown[0] - wide, y && grown[1] - high]);
    }
    update();
  };
  const turn = (by) => {
    if (!boxes.length) return;
    selected = selected === null ? (by > 0 ? 0 : boxes.length - 1) : (selected + by + boxes.length) % boxes.length;
    update();
  };
  const escape = () => {
    if (drag) return cancel(drag);
    selected = null;
    armed = false;
    update();
  };
  stage.onkeydown = (event) => {
    stage.classList.remove("pressed");
    const plain = !event.ctrlKey && !event.metaKey && !event.altKey;
    if (drag && event.key !== "Escape") return;
    if (!(event.key in ARROWS)) finishTyping();
    if (event.key in ARROWS) nudge(event, ARROWS[event.key]);
    else if (event.key in STEPS) turn(STEPS[event.key]);
    else if (event.key === "Escape") escape();
    else if (event.key.toLowerCase() === "z" && (event.ctrlKey || event.metaKey)) takeBack();
    else if (event.key.toLowerCase() === "n" && plain) addInMiddle();
    else if (["Delete", "Backspace"].includes(event.key)) removeSelected();
    else if (plain && /^[1-9]$/.test(event.key) && event.key <= data.classes.length) choose(event.key - 1);
    else return;
    event.preventDefault();
    event.stopPropagation(); // The app has shortcuts of its own.
  };
  stage.onkeyup = (event) => event.key in ARROWS && finishTyping();
  stage.onblur = finishTyping;

  const bar = root.querySelector(".classes");
  bar.replaceChildren();
  const buttons = data.classes.map(({ name, color }, index) => {
    const button = add(bar, "button", "class");
    button.type = "button";
    add(button, "i", "swatch").style.background = color;
    add(button, "span", "name", name);
    button.title = name;
    button.onclick = () => choose(index);
    return button;
  });
  fresh.onclick = (event) => {
    if (event.detail === 0) {
      stage.focus({ preventScroll: true }); // The keyboard pressed it: what comes next are arrow keys.
      return addInMiddle();
    }
    armed = !armed && data.classes.length > 0;
    selected = null;
    update();
  };
  remove.onclick = removeSelected;
  undo.onclick = takeBack;
  stage.redraw = redraw;
  const keys = "N new box, arrow keys move, Control and arrow keys resize, brackets go to the next box, Delete removes";
  stage.setAttribute("aria-label", `${data.label}. Drag to draw a box. Keyboard: ${keys}.`);
  update();
}

function choose(root, stage, data) {
  const { picture, chosen, ...rest } = data;
  const drawn = JSON.stringify(rest);
  if (stage.dataset.drawn === drawn) return;
  stage.dataset.drawn = drawn;
  delete stage.dataset.token;
  const { place, under, show } = board(root, stage, data);
  const status = root.querySelector(".status");
  const boxes = data.boxes.map(({ box }) => box);
  const before = (one, other) => boxes[one][0] - boxes[other][0] || boxes[one][1] - boxes[other][1];
  const order = boxes.map((_, index) => index).sort(before);
  let selected = chosen;

  const items = data.boxes.map((item, index) => ({ ...item, words: item.text || `Box ${index + 1}` }));
  const redraw = () =>
    show(items, selected).forEach((made, index) => {
      made.onclick = (event) => event.detail === 0 && press(index); // A screen reader's press has no place.
    });
  const update = () => {
    redraw();
    const where = `Box ${order.indexOf(selected) + 1} of ${boxes.length}`;
    status.textContent = selected === null ? "" : `${where}: ${items[selected].words}`;
  };
  const press = (index) => {
    selected = index;
    stage.send("chosen", index === null ? null : { token: data.token, index, box: boxes[index] });
    update();
  };

  let began = null;
  stage.style.cursor = boxes.length ? "pointer" : "default";
  stage.onpointerdown = (event) => (began = event.button > 0 ? null : [event.clientX, event.clientY]);
  stage.onpointermove = stage.onpointercancel = stage.onkeyup = stage.onblur = null;
  stage.onpointerup = (event) => {
    if (!began || Math.hypot(event.clientX - began[0], event.clientY - began[1]) > 10) return; // It was a scroll.
    focus(stage);
    const hits = under(boxes, place(event), event.pointerType === "touch" ? 12 : 4);
    // Pressing again reaches the boxes below, then none.
    press(hits[hits.includes(selected) ? hits.indexOf(selected) + 1 : 0] ?? null);
  };
  const steps = { ...STEPS, ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 };
  stage.onkeydown = (event) => {
    stage.classList.remove("pressed");
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const at = order.indexOf(selected);
    if (event.key in steps && boxes.length) {
      const first = steps[event.key] > 0 ? 0 : boxes.length - 1;
      press(order[at < 0 ? first : (at + steps[event.key] + boxes.length) % boxes.length]);
    } else if (event.key === "Escape") press(null);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  stage.redraw = redraw;
  const keys = "the arrow keys go from box to box, Escape chooses none";
  stage.setAttribute("aria-label", `${data.label}. Press a box to choose it. Keyboard: ${keys}.`);
  update();
}

export default function (component) {
  const { parentElement, data, setStateValue } = component;
  const stage = parentElement.querySelector(".stage");
  if (!stage) return;
  stage.send = setStateValue;
  (data.classes ? edit : choose)(parentElement, stage, data);
}
