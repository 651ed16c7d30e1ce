// pdf.js reads PDFs beside the page, in a worker of its own.
import "pdfjs-dist/legacy/build/pdf.worker.mjs";
