// The camera's middle square as JPEG, frame after frame. The next one is sent when Python has answered the last.

const PATIENCE_MS = 8000; // An answer that was lost must not stop everything.
const REFUSALS = {
  NotAllowedError: "The browser was not allowed to use the camera. Allow it in the address bar, then start again.",
  NotFoundError: "No camera was found on this device. Upload a photo instead.",
  NotReadableError: "Another program is using the camera. Close it, then start again.",
};

export default function (component) {
  const { parentElement, data, setStateValue } = component;
  const root = parentElement.querySelector(".live");
  if (!root) return;
  if (root.answered) {
    root.answered(data.answered);
    return root.leave;
  }
  const video = root.querySelector("video");
  const button = root.querySelector(".switch");
  const says = root.querySelector(".says");
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = data.side;
  let stream = null;
  let timer = null;
  let number = data.answered || 0;

  const send = () => {
    clearTimeout(timer);
    if (!stream) return;
    if (!video.isConnected) return stop();
    if (video.readyState < 2 || document.hidden) {
      timer = setTimeout(send, data.pause);
      return;
    }
    const [width, height] = [video.videoWidth, video.videoHeight];
    const side = Math.min(width, height);
    const context = canvas.getContext("2d");
    context.drawImage(video, (width - side) / 2, (height - side) / 2, side, side, 0, 0, data.side, data.side);
    number += 1;
    setStateValue("frame", { number, picture: canvas.toDataURL("image/jpeg", 0.85) });
    timer = setTimeout(send, PATIENCE_MS);
  };
  const stop = () => {
    clearTimeout(timer);
    if (stream) stream.getTracks().forEach((track) => track.stop());
    stream = video.srcObject = null;
    video.classList.remove("on");
    button.textContent = "Start the camera";
  };
  const start = async () => {
    says.textContent = "";
    if (!navigator.mediaDevices) {
      says.textContent = "Browsers give a page the camera only over https, or on the host itself. Upload a photo instead.";
      return;
    }
    try {
      stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
    } catch (error) {
      says.textContent = REFUSALS[error.name] || "The camera could not be started.";
      return;
    }
    video.srcObject = stream;
    video.classList.add("on");
    button.textContent = "Stop the camera";
    await video.play();
    send();
  };
  button.onclick = () => (stream ? stop() : start());

  root.answered = (answered) => {
    if (!stream || answered < number) return;
    clearTimeout(timer);
    timer = setTimeout(send, data.pause);
  };
  // The element may only have been moved: the camera goes off when it is really gone.
  root.leave = () => setTimeout(() => !video.isConnected && stop(), 200);
  return root.leave;
}
