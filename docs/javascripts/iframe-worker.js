// Search runs in a worker, and browsers start no worker from a page that was opened as a file. Where
// that is so, a hidden frame takes the worker's place: it runs the same script and passes messages.
// The theme would load such a script from elsewhere; this one comes with the site.
if (location.protocol === "file:") {
  window.Worker = class extends EventTarget {
    constructor(url) {
      super();
      const frame = document.createElement("iframe");
      frame.hidden = true;
      document.body.append(frame);
      this.frame = frame;
      const worker = frame.contentWindow;
      worker.document.open();
      worker.document.write(`<!doctype html><script>
        postMessage = data => parent.dispatchEvent(new MessageEvent("frame-message", {data}));
        importScripts = (...urls) => urls.reduce((before, url) => before.then(() => new Promise(done => {
          const script = document.createElement("script");
          Object.assign(script, {src: url, onload: done});
          document.body.append(script);
        })), Promise.resolve());
      </` + `script><body><script src="${url}"></` + `script>`);
      worker.document.close();
      window.addEventListener("frame-message", ({data}) => {
        const event = new MessageEvent("message", {data});
        this.dispatchEvent(event);
        this.onmessage?.(event);
      });
    }
    postMessage(data) {
      const deliver = () => this.frame.contentWindow.dispatchEvent(new MessageEvent("message", {data}));
      if (this.frame.contentDocument.readyState === "complete") deliver();
      else this.frame.contentWindow.addEventListener("load", deliver);
    }
    terminate() {
      this.frame.remove();
    }
  };
}
