// A drawing surface for finger, pen, mouse and keyboard. Sends a PNG as a data URL when a stroke ends.
// What lies under the strokes is `ground`: today the drawing of an earlier visit, later a picture to mark things in.

const LARGEST_SCALE = 3;
const KEYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

export default function (component) {
  const { parentElement, data, setStateValue } = component;
  const canvas = parentElement.querySelector("canvas");
  if (!canvas || canvas.dataset.ready) return;
  canvas.dataset.ready = "yes";
  const pen = parentElement.querySelector(".pen");
  const brush = parentElement.querySelector(".brush");
  const { size, ink, paper } = data;
  const scale = Math.min(LARGEST_SCALE, Math.max(1, Math.ceil(window.devicePixelRatio || 1)));
  canvas.width = canvas.height = size * scale;
  const context = canvas.getContext("2d");
  const strokes = [];
  const at = [size / 2, size / 2];
  let ground = null;
  let stroke = null;
  let pointer = null;
  brush.value = data.brush;

  const paintPart = ({ points, width }, from) => {
    context.strokeStyle = ink;
    context.lineCap = context.lineJoin = "round";
    context.lineWidth = width;
    context.beginPath();
    context.moveTo(...points[from]);
    // A line to its own beginning is a dot with round ends.
    for (const point of points.slice(from)) context.lineTo(...point);
    context.stroke();
  };
  const repaint = () => {
    context.setTransform(scale, 0, 0, scale, 0, 0);
    context.fillStyle = paper;
    context.fillRect(0, 0, size, size);
    if (ground) context.drawImage(ground, 0, 0, size, size);
    for (const one of strokes) paintPart(one, 0);
  };
  const asUrl = () => {
    const copy = document.createElement("canvas");
    copy.width = copy.height = size;
    copy.getContext("2d").drawImage(canvas, 0, 0, size, size);
    return copy.toDataURL("image/png");
  };
  const send = () => setStateValue("image", strokes.length || ground ? asUrl() : null);

  const begin = (point) => {
    stroke = { points: [point], width: Number(brush.value) };
    strokes.push(stroke);
    paintPart(stroke, 0);
  };
  const extend = (points) => {
    const from = stroke.points.length - 1;
    stroke.points.push(...points);
    paintPart(stroke, from);
  };
  const end = () => {
    if (!stroke) return;
    stroke = pointer = null;
    canvas.classList.remove("down");
    send();
  };

  const place = (event) => {
    const box = canvas.getBoundingClientRect();
    const [left, top] = [box.left + canvas.clientLeft, box.top + canvas.clientTop];
    return [((event.clientX - left) * size) / canvas.clientWidth, ((event.clientY - top) * size) / canvas.clientHeight];
  };
  canvas.onpointerdown = (event) => {
    if (event.button > 0 || pointer !== null) return; // A second finger draws nothing.
    event.preventDefault();
    end();
    pointer = event.pointerId;
    canvas.setPointerCapture(pointer);
    begin(place(event));
  };
  canvas.onpointermove = (event) => {
    if (event.pointerId !== pointer) return;
    const events = event.getCoalescedEvents ? event.getCoalescedEvents() : [];
    extend((events.length ? events : [event]).map(place));
  };
  canvas.onpointerup = canvas.onpointercancel = (event) => event.pointerId === pointer && end();

  const showPen = () => {
    pen.style.left = `${(100 * at[0]) / size}%`;
    pen.style.top = `${(100 * at[1]) / size}%`;
  };
  canvas.onkeydown = (event) => {
    if (pointer !== null || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === " " && !event.repeat) {
      if (stroke) end();
      else {
        begin([...at]);
        canvas.classList.add("down");
      }
    } else if (event.key in KEYS) {
      const step = event.shiftKey ? 2 : 8;
      KEYS[event.key].forEach((way, axis) => (at[axis] = Math.min(size, Math.max(0, at[axis] + step * way))));
      showPen();
      if (stroke) extend([[...at]]);
    } else if (event.key !== " ") return;
    event.preventDefault();
  };
  canvas.onblur = () => pointer === null && end();

  parentElement.querySelector(".undo").onclick = () => {
    if (!strokes.pop()) ground = null;
    repaint();
    send();
  };
  parentElement.querySelector(".clear").onclick = () => {
    strokes.length = 0;
    ground = null;
    repaint();
    send();
  };

  repaint();
  showPen();
  if (data.picture) {
    const before = new Image();
    before.onload = () => {
      ground = before;
      repaint();
    };
    before.src = data.picture;
  }
}
