// Draws the first page of a PDF, as the server made it, into a canvas as wide as it stands on the page.
import * as pdfjs from "pdfjs-dist/legacy/build/pdf.mjs";

export async function drawPDF(canvas: HTMLCanvasElement, data: Uint8Array, worker: string, width: number): Promise<void> {
  pdfjs.GlobalWorkerOptions.workerSrc = worker;
  const task = pdfjs.getDocument({ data, isEvalSupported: false, disableFontFace: true });
  try {
    const page = await (await task.promise).getPage(1);
    const whole = page.getViewport({ scale: 1 });
    const viewport = page.getViewport({ scale: (width * Math.min(2, window.devicePixelRatio || 1)) / whole.width });
    const sheet = document.createElement("canvas"); // drawn out of sight, so that the old page stands until the new one is whole
    sheet.width = Math.round(viewport.width);
    sheet.height = Math.round(viewport.height);
    const into = sheet.getContext("2d");
    if (!into) return;
    await page.render({ canvasContext: into, viewport }).promise;
    canvas.width = sheet.width;
    canvas.height = sheet.height;
    canvas.getContext("2d")?.drawImage(sheet, 0, 0);
  } finally {
    await task.destroy();
  }
}
