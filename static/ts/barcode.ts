// Reads QR codes where the browser cannot: loaded by the scanner alone, and only there.
import { BarcodeDetector, prepareZXingModule } from "barcode-detector/ponyfill";
import wasm from "zxing-wasm/reader/zxing_reader.wasm";

prepareZXingModule({ overrides: { locateFile: () => new URL(wasm, import.meta.url).href } });

export const detector = (): BarcodeDetector => new BarcodeDetector({ formats: ["qr_code"] });
