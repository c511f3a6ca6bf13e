// Masks on a picture: asked about pixel by pixel, or painted, with finger, pen, mouse or keyboard.
// What is sent names the picture it belongs to, so that a late answer is not taken for another picture's.
// All texts may be a stranger's: they are only ever set as text.

const IGNORED = 255;
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const FAR = 10; // pixels that an arrow key goes with Shift
const SIZES = { "[": (brush) => Math.min(brush - 1, Math.round(brush * 0.8)), "]": (brush) => Math.ceil(brush * 1.25) };
const SLIP = 10; // a press that moves further on the screen is none
const SHARP_PICTURE = 48; // larger ones are smoothed when they are enlarged
const SHARP_MASK = 256;
const LINE = 1.5; // of an outline on either side, on the screen
const UNDO_BYTES = 48e6;
const MOST_UNDO = 100;

const between = (low, value, high) => Math.min(Math.max(value, low), Math.max(low, high));

const parts = (color) => [1, 3, 5].map((from) => parseInt(color.slice(from, from + 2), 16));
/** A colour as the four bytes of a pixel. */
const packed = (color, alpha = 255) => new Uint32Array(new Uint8Array([...color, alpha]).buffer)[0];

/** What is not judged, along the picture's diagonals. */
const HATCH = [packed([0, 0, 0]), packed([255, 255, 255]), 0, 0, 0, 0];
const BARE = [0];

/** Black or white, whichever is seen more easily beside a colour. */
const inkOn = (color) => {
  const [red, green, blue] = parts(color).map((part) => ((part / 255 + 0.055) / 1.055) ** 2.4);
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.179 ? [0, 0, 0] : [255, 255, 255];
};

/** Focus by a press: no ring until a key is used. */
const focus = (stage) => {
  stage.classList.add("pressed");
  stage.focus({ preventScroll: true });
};

const add = (parent, kind, name, text = "") => {
  const made = parent.appendChild(document.createElement(kind));
  made.className = name;
  made.textContent = text;
  return made;
};

/** The numbers of a grey picture. */
const numbersOf = async (url, [width, height]) => {
  const picture = new Image();
  picture.src = url;
  await picture.decode();
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [width, height];
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.drawImage(picture, 0, 0);
  const { data } = context.getImageData(0, 0, width, height);
  return Uint8Array.from({ length: width * height }, (_, place) => data[4 * place]);
};

const runLengths = (mask) => {
  const runs = [];
  for (let from = 0, at = 1; at <= mask.length; at++) {
    if (at < mask.length && mask[at] === mask[from]) continue;
    runs.push(mask[from], at - from);
    from = at;
  }
  return runs;
};

const fromRuns = (runs, length) => {
  const mask = new Uint8Array(length);
  for (let index = 0, at = 0; index < runs.length; index += 2) mask.fill(runs[index], at, (at += runs[index + 1]));
  return mask;
};

/** The picture, the mask over it and the cursor's parts; knows nothing of what may be done with them. */
function board(root, stage, ignored) {
  const part = (name) => root.querySelector(`.${name}`);
  const [layer, mask, cross, ring, nib] = ["layer", "mask", "cross", "ring", "nib"].map(part);
  const picture = root.querySelector("img");
  const context = mask.getContext("2d");
  let [size, image, dots] = [[1, 1], null, null];

  const begin = (data) => {
    size = [data.width, data.height];
    stage.style.setProperty("--ratio", `${size[0]} / ${size[1]}`);
    stage.style.setProperty("--tall", String(Math.min(1, size[0] / size[1])));
    picture.classList.toggle("pixels", Math.max(...size) < SHARP_PICTURE);
    mask.classList.toggle("pixels", Math.max(...size) <= SHARP_MASK);
    if (picture.getAttribute("src") !== data.picture) picture.src = data.picture;
    [mask.width, mask.height] = size;
    image = context.createImageData(...size);
    dots = new Uint32Array(image.data.buffer);
  };
  const scale = () => layer.clientWidth / size[0];
  const place = (event) => {
    const area = layer.getBoundingClientRect();
    return [((event.clientX - area.left) / area.width) * size[0], ((event.clientY - area.top) / area.height) * size[1]];
  };
  const pixel = (point) => point.map((value, axis) => between(0, Math.floor(value), size[axis] - 1));
  const middle = () => size.map((side) => Math.floor(side / 2));
  const stepped = (from, event) => {
    const step = event.shiftKey ? FAR : 1;
    return pixel(from.map((value, axis) => value + step * ARROWS[event.key][axis]));
  };
  /** Paint labels in the colours of a palette, within [left, top, right, bottom]. */
  const paint = (labels, palette, [left, top, right, bottom] = [0, 0, ...size]) => {
    for (let row = top; row < bottom; row++) {
      for (let column = left; column < right; column++) {
        const at = row * size[0] + column;
        dots[at] = labels[at] === IGNORED ? ignored[(row + column) % ignored.length] : palette[labels[at]];
      }
    }
    if (right > left && bottom > top) context.putImageData(image, 0, 0, left, top, right - left, bottom - top);
  };
  /** Put a part on a point of the picture, or away. */
  const put = (part, point) => {
    part.style.display = point ? "block" : "none";
    if (!point) return;
    part.style.left = `${(100 * point[0]) / size[0]}%`;
    part.style.top = `${(100 * point[1]) / size[1]}%`;
  };
  const center = (where) => where && where.map((value) => value + 0.5);

  stage.watched?.disconnect();
  stage.watched = new ResizeObserver(() => stage.redraw?.());
  stage.watched.observe(layer);
  return { part, layer, mask, cross, ring, nib, begin, scale, place, pixel, middle, stepped, paint, put, center };
}

/** Lines of the screen's pixels where labels differ: each class draws its own side. */
function drawLines(canvas, layer, labels, [width, height], colors, inks) {
  const sharp = Math.min(2, window.devicePixelRatio || 1);
  const [wide, high] = [layer.clientWidth, layer.clientHeight].map((side) => Math.round(side * sharp));
  [canvas.width, canvas.height] = [wide, high];
  if (!wide || !high) return;
  const spread = (many, few) => Int32Array.from({ length: many }, (_, at) => Math.floor(((at + 0.5) * few) / many));
  const [columns, rows] = [spread(wide, width), spread(high, height).map((row) => row * width)];
  const line = Math.max(1, Math.round(LINE * sharp));
  const edge = line + Math.max(1, Math.round(sharp / 2));
  const context = canvas.getContext("2d");
  const image = context.createImageData(wide, high);
  const dots = new Uint32Array(image.data.buffer);
  const differs = (x, y, own, reach) => {
    const [left, right] = [columns[Math.max(0, x - reach)], columns[Math.min(wide - 1, x + reach)]];
    const [above, below] = [rows[Math.max(0, y - reach)], rows[Math.min(high - 1, y + reach)]];
    const [here, level] = [columns[x], rows[y]];
    return (
      labels[level + left] !== own ||
      labels[level + right] !== own ||
      labels[above + here] !== own ||
      labels[below + here] !== own ||
      labels[above + left] !== own ||
      labels[above + right] !== own ||
      labels[below + left] !== own ||
      labels[below + right] !== own
    );
  };
  for (let y = 0; y < high; y++) {
    for (let x = 0; x < wide; x++) {
      const own = labels[rows[y] + columns[x]];
      if (!colors[own]) continue;
      if (differs(x, y, own, line) || differs(x, y, own, 1)) dots[y * wide + x] = colors[own];
      else if (differs(x, y, own, edge)) dots[y * wide + x] = inks[own];
    }
  }
  context.putImageData(image, 0, 0);
}

function viewer(root, stage) {
  const made = board(root, stage, BARE);
  const { part, layer, mask, cross, ring, nib, begin, place, pixel, middle, stepped, paint, put, center } = made;
  const [lines, readout] = [part("lines"), part("readout")];
  const [swatch, name, rest] = [...readout.children];
  let [data, labels, confidence, asked] = [null, null, null, 0];
  let [at, pressed, began] = [null, null, null]; // as [column, row]
  put(nib, null);

  const describe = () => {
    const where = at || pressed;
    swatch.style.display = where ? "" : "none";
    if (!where) {
      name.textContent = "";
      rest.textContent = "Point at the picture, tap it, or use the arrow keys.";
      return;
    }
    const index = where[1] * data.width + where[0];
    const found = data.classes[labels[index]];
    swatch.style.background = found ? found.color : "";
    swatch.classList.toggle("empty", !found);
    name.textContent = found ? found.name : "not judged";
    name.title = name.textContent;
    const sure = found && confidence ? ` ${Math.round(confidence[index] / 2.55)} %` : "";
    rest.textContent = `${sure}, row ${where[1]}, column ${where[0]}`;
  };
  const update = () => {
    put(cross, center(at));
    put(ring, center(pressed));
    describe();
  };
  const drawMarks = () => {
    layer.querySelectorAll(".mark").forEach((old) => old.remove());
    const { width: wide, height: high } = data;
    for (const { box, color } of data.marks) {
      const made = add(layer, "i", "mark");
      layer.prepend(made); // Under the cross-hair.
      made.style.left = `${(100 * box[0]) / wide}%`;
      made.style.top = `${(100 * box[1]) / high}%`;
      made.style.width = `${(100 * (box[2] - box[0])) / wide}%`;
      made.style.height = `${(100 * (box[3] - box[1])) / high}%`;
      made.style.borderColor = color;
    }
  };
  const drawOutlines = () => {
    lines.style.display = data?.outlines ? "" : "none";
    if (!data?.outlines) return;
    const [colors, inks] = [new Uint32Array(256), new Uint32Array(256)];
    data.classes.forEach(({ color }, index) => {
      if (data.shown && !data.shown.includes(index)) return;
      [colors[index], inks[index]] = [packed(parts(color)), packed(inkOn(color), 200)];
    });
    drawLines(lines, layer, labels, [data.width, data.height], colors, inks);
  };
  const draw = () => {
    const palette = new Uint32Array(256);
    data.classes.forEach(({ color }, index) => {
      if (!data.shown || data.shown.includes(index)) palette[index] = packed(parts(color));
    });
    mask.style.opacity = data.opacity;
    paint(labels, palette);
    drawOutlines();
    drawMarks();
    const keys = "the arrow keys move the cross-hair, with Shift by 10 pixels; Enter chooses the pixel";
    stage.setAttribute("aria-label", `${data.label}. Press a pixel to choose it. Keyboard: ${keys}.`);
  };
  const take = async (next) => {
    const turn = ++asked;
    const read = (url, before, known) => (url && url !== before ? numbersOf(url, [next.width, next.height]) : known);
    const numbers = await Promise.all([
      read(next.labels, data?.labels, labels),
      next.confidence && read(next.confidence, data?.confidence, confidence),
    ]);
    if (turn !== asked) return; // Something newer came in the meantime.
    if (data?.token !== next.token) {
      at = null;
      pressed = next.pressed && [next.pressed[1], next.pressed[0]];
    }
    data = next;
    [labels, confidence] = numbers;
    begin(data);
    draw();
    update();
    stage.dataset.ready = data.token;
  };
  const press = () => {
    pressed = at;
    stage.send("pressed", { token: data.token, row: at[1], column: at[0] });
    update();
  };
  const explore = (where) => {
    at = where;
    update();
  };

  stage.redraw = drawOutlines;
  stage.onpointerdown = (event) => {
    if (!data || event.button > 0 || event.isPrimary === false) return;
    began = [event.clientX, event.clientY];
    explore(pixel(place(event)));
  };
  stage.onpointermove = (event) => {
    if (data && event.isPrimary !== false && (began || event.pointerType === "mouse")) explore(pixel(place(event)));
  };
  stage.onpointerup = (event) => {
    if (!began || event.isPrimary === false) return;
    const moved = Math.hypot(event.clientX - began[0], event.clientY - began[1]);
    began = null;
    if (moved > SLIP) return;
    focus(stage);
    at = pixel(place(event));
    press();
  };
  stage.onpointercancel = () => {
    began = null;
    explore(null); // It was a scroll.
  };
  stage.onpointerleave = (event) => {
    if (event.pointerType !== "mouse" || !data) return;
    began = null;
    explore(null);
  };
  stage.onblur = () => data && !began && explore(null);
  stage.onkeydown = (event) => {
    stage.classList.remove("pressed");
    if (!data || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key in ARROWS) explore(at || pressed ? stepped(at || pressed, event) : middle());
    else if (event.key === "Enter" || event.key === " ") {
      at ||= pressed || middle();
      if (!event.repeat) press();
    } else if (event.key === "Escape") explore(null);
    else return;
    event.preventDefault();
    event.stopPropagation(); // The app has shortcuts of its own.
  };
  return take;
}

function look(root, stage, data) {
  const { pressed, ...rest } = data;
  const drawn = JSON.stringify(rest);
  if (stage.drawn === drawn) return; // The pressed pixel on the screen is newer than what comes back.
  stage.drawn = drawn;
  stage.take ||= viewer(root, stage);
  stage.take(data);
}

/** Give an area of equal labels another one. */
function flood(mask, [width, height], [column, row], label) {
  const own = mask[row * width + column];
  if (own === label) return;
  const open = [row * width + column];
  mask[open[0]] = label;
  const reach = (at) => {
    if (mask[at] !== own) return;
    mask[at] = label;
    open.push(at);
  };
  while (open.length) {
    const at = open.pop();
    const x = at % width;
    if (x > 0) reach(at - 1);
    if (x < width - 1) reach(at + 1);
    if (at >= width) reach(at - width);
    if (at < width * (height - 1)) reach(at + width);
  }
}

/** Give the pixels under a round brush that goes from one point to another a label; return where that was. */
function sweep(mask, size, from, to, brush, label) {
  // A brush of an odd width has its middle in a pixel, one of an even width between pixels.
  const snap = (point) => point.map((value) => (brush % 2 ? Math.floor(value) + 0.5 : Math.round(value)));
  const [[fromX, fromY], [toX, toY]] = [snap(from), snap(to)];
  const radius = brush / 2;
  const left = Math.max(0, Math.floor(Math.min(fromX, toX) - radius));
  const top = Math.max(0, Math.floor(Math.min(fromY, toY) - radius));
  const right = Math.min(size[0], Math.ceil(Math.max(fromX, toX) + radius));
  const bottom = Math.min(size[1], Math.ceil(Math.max(fromY, toY) + radius));
  const [wayX, wayY] = [toX - fromX, toY - fromY];
  const long = wayX * wayX + wayY * wayY;
  for (let row = top; row < bottom; row++) {
    for (let column = left; column < right; column++) {
      const x = column + 0.5 - fromX;
      const y = row + 0.5 - fromY;
      const along = long ? between(0, (x * wayX + y * wayY) / long, 1) : 0;
      const [asideX, asideY] = [x - along * wayX, y - along * wayY];
      if (asideX * asideX + asideY * asideY <= radius * radius + 1e-6) mask[row * size[0] + column] = label;
    }
  }
  return [left, top, right, bottom];
}

function painter(root, stage, data) {
  const drawn = JSON.stringify([data.token, data.classes, data.label]);
  if (stage.drawn === drawn) return; // What is on the screen is newer than what comes back.
  stage.drawn = drawn;
  const made = board(root, stage, HATCH);
  const { part, cross, ring, nib, begin, scale, place, pixel, middle, stepped, paint, put, center } = made;
  const [whole, status, width, opacity] = ["whole", "status", "size", "opacity"].map(part);
  const [undo, redo, clear] = ["undo", "redo", "clear"].map(part);
  const tools = Object.fromEntries(["brush", "fill", "eraser"].map((name) => [name, part(name)]));
  begin(data);
  put(ring, null);
  const size = [data.width, data.height];
  const most = between(4, Math.floor(UNDO_BYTES / (size[0] * size[1])), MOST_UNDO);
  const palette = new Uint32Array(256);
  data.classes.forEach(({ color }, index) => index && (palette[index] = packed(parts(color))));
  let mask = fromRuns(data.runs, size[0] * size[1]);
  let [done, undone] = [[], []];
  // at: [column, row] of the cross-hair; over: where a pointer is; stroke: {before, last, pointer} while one is drawn.
  let [at, over, stroke] = [null, null, null];
  const chosen = (stage.chosen ||= { label: 1, tool: "brush" });
  chosen.label = between(0, chosen.label, data.classes.length - 1);
  const largest = Math.max(1, Math.round(Math.min(...size) / 2));
  if (Number(width.max) !== largest || !stage.sized) {
    width.max = largest;
    width.value = Math.max(1, Math.round(Math.min(...size) / 16));
    stage.sized = true;
  }

  const brush = () => Number(width.value);
  const label = () => (chosen.tool === "eraser" ? 0 : chosen.label);
  const nameOf = (value) => data.classes[value]?.name ?? "not judged";
  const describe = () => {
    const name = nameOf(chosen.label);
    const act = {
      brush: `Drag over the picture to paint “${name}”.`,
      fill: `Press an area to fill it with “${name}”.`,
      eraser: `Drag over the picture to erase; it leaves “${nameOf(0)}”.`,
    };
    const here = at && `Row ${at[1]}, column ${at[0]}: ${nameOf(mask[at[1] * size[0] + at[0]])}.`;
    const down = stroke && stroke.pointer === null;
    status.textContent = !here ? act[chosen.tool] : down ? `${here} Painting; Space stops.` : here;
  };
  const showBrush = () => {
    const where = over || center(at);
    put(cross, at && center(at));
    put(nib, chosen.tool === "fill" ? null : where);
    nib.style.width = nib.style.height = `${Math.max(3, brush() * scale())}px`;
    nib.style.setProperty("--color", label() ? data.classes[label()].color : "transparent");
  };
  const update = () => {
    buttons.forEach((button, index) => button.setAttribute("aria-pressed", String(index === label())));
    for (const [name, button] of Object.entries(tools)) {
      button.setAttribute("aria-pressed", String(name === chosen.tool));
    }
    undo.setAttribute("aria-disabled", String(!done.length));
    redo.setAttribute("aria-disabled", String(!undone.length));
    clear.setAttribute("aria-disabled", String(!mask.some(Boolean)));
    made.mask.style.opacity = opacity.value / 100;
    stage.classList.toggle("down", Boolean(stroke && stroke.pointer === null));
    showBrush();
    describe();
  };
  const repaint = (within) => paint(mask, palette, within);
  const send = () => stage.send("mask", { token: data.token, runs: runLengths(mask) });
  const commit = (before) => {
    if (mask.every((value, index) => value === before[index])) return update();
    done.push(before);
    if (done.length > most) done.shift();
    undone = [];
    send();
    update();
  };
  const swap = (from, to) => {
    lift();
    if (!from.length) return;
    to.push(mask);
    mask = from.pop();
    repaint();
    send();
    update();
  };

  const draw = (points) => {
    for (const point of points) {
      repaint(sweep(mask, size, stroke.last, point, brush(), label()));
      stroke.last = point;
    }
  };
  const press = (point, pointer) => {
    stroke = { before: mask.slice(), last: point, pointer };
    draw([point]);
    update();
  };
  const lift = () => {
    if (!stroke) return;
    const { before } = stroke;
    stroke = null;
    commit(before);
  };
  const drop = () => {
    if (stroke) mask = stroke.before;
    stroke = null;
    repaint();
    update();
  };
  const fill = (where) => {
    const before = mask.slice();
    flood(mask, size, where, label());
    repaint();
    commit(before);
  };
  const wipe = () => {
    lift();
    const before = mask;
    mask = new Uint8Array(mask.length);
    repaint();
    commit(before);
  };
  const choose = (index) => {
    lift();
    chosen.label = index;
    if (chosen.tool === "eraser") chosen.tool = "brush";
    update();
  };
  const take = (tool) => {
    lift();
    chosen.tool = tool;
    update();
  };
  const resize = (value) => {
    width.value = between(1, value, largest);
    update();
  };

  stage.onpointerdown = (event) => {
    if (event.button > 0 || (stroke && stroke.pointer !== null)) return; // A second finger does nothing.
    event.preventDefault();
    lift();
    focus(stage);
    at = null;
    over = place(event);
    const within = over.every((value, axis) => value >= 0 && value < size[axis]);
    if (chosen.tool === "fill") return within ? fill(pixel(over)) : update();
    stage.setPointerCapture(event.pointerId);
    press(over, event.pointerId);
  };
  stage.onpointermove = (event) => {
    if (stroke && stroke.pointer !== event.pointerId) return;
    over = place(event);
    if (stroke) {
      const events = event.getCoalescedEvents ? event.getCoalescedEvents() : [];
      draw((events.length ? events : [event]).map(place));
    }
    showBrush();
  };
  stage.onpointerup = (event) => {
    if (event.pointerType !== "mouse") over = null;
    if (stroke?.pointer === event.pointerId) lift();
    showBrush();
  };
  stage.onpointercancel = (event) => {
    over = null;
    if (stroke?.pointer === event.pointerId) drop();
  };
  stage.onpointerleave = () => {
    if (stroke && stroke.pointer !== null) return;
    over = null;
    showBrush();
  };

  const move = (event) => {
    over = null;
    at = at ? stepped(at, event) : middle();
    if (stroke) draw([center(at)]);
    update();
  };
  const act = () => {
    over = null;
    at ||= middle();
    if (chosen.tool === "fill") return fill(at);
    if (stroke) return lift();
    press(center(at), null);
  };
  stage.onkeydown = (event) => {
    stage.classList.remove("pressed");
    if ((stroke && stroke.pointer !== null && event.key !== "Escape") || event.ctrlKey || event.metaKey) return;
    if (event.key in ARROWS) move(event);
    else if (event.key === " " || event.key === "Enter") event.repeat || act();
    else if (event.key === "Escape") {
      at = null;
      drop();
    } else return;
    event.preventDefault();
    event.stopPropagation(); // The app has shortcuts of its own.
  };
  stage.onblur = () => {
    if (stroke && stroke.pointer !== null) return;
    at = null;
    lift();
    update();
  };
  whole.onkeydown = (event) => {
    if (stroke && stroke.pointer !== null) return;
    const control = event.ctrlKey || event.metaKey;
    const key = event.key.toLowerCase();
    // Where a bracket needs AltGr, it comes with Control and Alt.
    if (event.key in SIZES) resize(SIZES[event.key](brush()));
    else if (control && key === "z") event.shiftKey ? swap(undone, done) : swap(done, undone);
    else if (control && key === "y") swap(undone, done);
    else if (!control && !event.altKey && /^[0-9]$/.test(key) && Number(key) < data.classes.length) choose(Number(key));
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  const bar = part("classes");
  bar.replaceChildren();
  const buttons = data.classes.map(({ name, color }, index) => {
    const button = add(bar, "button", "class");
    button.type = "button";
    const swatch = add(button, "i", "swatch");
    if (index) swatch.style.background = color;
    else swatch.classList.add("empty"); // The background is not drawn.
    add(button, "span", "name", name);
    button.title = name;
    button.onclick = () => choose(index);
    return button;
  });
  for (const [name, button] of Object.entries(tools)) button.onclick = () => take(name);
  undo.onclick = () => swap(done, undone);
  redo.onclick = () => swap(undone, done);
  clear.onclick = wipe;
  opacity.oninput = update;
  width.oninput = () => {
    over = center(middle()); // The size is seen on the picture while it is chosen.
    update();
  };
  width.onchange = () => {
    over = null;
    update();
  };
  stage.redraw = showBrush;
  const keys = "arrow keys move the cross-hair, Space puts the brush down and lifts it, digits choose the class";
  stage.setAttribute("aria-label", `${data.label}. Drag to paint. Keyboard: ${keys}.`);
  repaint();
  update();
  stage.dataset.ready = data.token;
}

export default function (component) {
  const { parentElement, data, setStateValue } = component;
  const stage = parentElement.querySelector(".stage");
  if (!stage) return;
  stage.send = setStateValue;
  (data.runs ? painter : look)(parentElement, stage, data);
}
