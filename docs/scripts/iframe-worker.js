// A browser gives pages that are read from a folder (file://) no worker, and search runs in one.
// There a hidden frame runs the worker's script instead; anywhere else this file does nothing.
if (location.protocol === "file:") {
  window.Worker = class extends EventTarget {
    constructor(address) {
      super()
      const frame = document.createElement("iframe")
      frame.hidden = true
      this.frame = frame
      this.ready = new Promise(loaded => { frame.onload = loaded })
      window.addEventListener("message", event => {
        if (event.source !== frame.contentWindow) return
        this.dispatchEvent(new MessageEvent("message", { data: event.data }))
      })
      const script = new URL(address, location.href).href.replaceAll('"', "%22")
      frame.srcdoc = "<script>self.postMessage = data => parent.postMessage(data, '*')</script>" +
        `<script src="${script}"></script>`
      document.body.append(frame)
    }

    postMessage(data) {
      const deliver = () => this.frame.contentWindow.dispatchEvent(new MessageEvent("message", { data }))
      this.ready.then(deliver)
    }

    terminate() {
      this.frame.remove()
    }
  }
}
