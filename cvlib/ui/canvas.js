// A drawing surface for finger, pen and mouse. Sends a PNG as a data URL when a stroke ends.
export default function (component) {
  const { parentElement, data, setStateValue } = component;
  const canvas = parentElement.querySelector("canvas");
  if (!canvas || canvas.dataset.ready) return;
  canvas.dataset.ready = "yes";
  const context = canvas.getContext("2d", { willReadFrequently: true });
  const size = data.size;
  canvas.width = canvas.height = size;
  const strokes = [];
  let stroke = null;

  const repaint = () => {
    context.fillStyle = data.paper;
    context.fillRect(0, 0, size, size);
    context.strokeStyle = context.fillStyle = data.ink;
    context.lineCap = context.lineJoin = "round";
    context.lineWidth = data.brush;
    for (const points of strokes) {
      context.beginPath();
      context.moveTo(points[0][0], points[0][1]);
      for (const [x, y] of points) context.lineTo(x, y);
      if (points.length === 1) context.lineTo(points[0][0] + 0.1, points[0][1]);
      context.stroke();
    }
  };
  const send = () => setStateValue("image", strokes.length ? canvas.toDataURL("image/png") : null);
  const place = (event) => {
    const box = canvas.getBoundingClientRect();
    return [((event.clientX - box.left) * size) / box.width, ((event.clientY - box.top) * size) / box.height];
  };
  const end = () => {
    if (!stroke) return;
    stroke = null;
    send();
  };

  canvas.onpointerdown = (event) => {
    if (event.button > 0) return;
    event.preventDefault();
    canvas.setPointerCapture(event.pointerId);
    stroke = [place(event)];
    strokes.push(stroke);
    repaint();
  };
  canvas.onpointermove = (event) => {
    if (!stroke) return;
    const events = event.getCoalescedEvents ? event.getCoalescedEvents() : [event];
    for (const one of events.length ? events : [event]) stroke.push(place(one));
    repaint();
  };
  canvas.onpointerup = end;
  canvas.onpointercancel = end;
  parentElement.querySelector(".undo").onclick = () => {
    strokes.pop();
    repaint();
    send();
  };
  parentElement.querySelector(".clear").onclick = () => {
    strokes.length = 0;
    repaint();
    send();
  };

  repaint();
  if (data.picture) {
    // What was drawn before the visitor went to another page: shown until something new is drawn.
    const before = new Image();
    before.onload = () => strokes.length || context.drawImage(before, 0, 0, size, size);
    before.src = data.picture;
  }
}
