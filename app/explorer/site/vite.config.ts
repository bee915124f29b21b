import { defineConfig, type Plugin } from "vite";

const BASE = "/explorer/";
const EMBEDDED_FONT = /url\(["']?data:font\/(ttf|woff2?);base64,([^"')]+)["']?\)/g;

/** GraphiQL's fonts are data: URLs in its stylesheet; as files of ours the page's policy needs no exception. */
function fontsAsFiles(): Plugin {
  return {
    name: "fonts-as-files",
    enforce: "post",
    generateBundle(_, bundle) {
      for (const file of Object.values(bundle)) {
        if (file.type !== "asset" || !file.fileName.endsWith(".css")) continue;
        file.source = String(file.source).replace(EMBEDDED_FONT, (_, kind, text) => {
          const font = this.emitFile({ type: "asset", name: `font.${kind}`, source: Buffer.from(text, "base64") });
          return `url(${BASE}${this.getFileName(font)})`;
        });
      }
    },
  };
}

export default defineConfig({
  base: BASE,
  plugins: [fontsAsFiles()],
  worker: { format: "es" },
  build: {
    outDir: "made",
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    chunkSizeWarningLimit: 8000,
    rolldownOptions: { checks: { pluginTimings: false } },
  },
});
