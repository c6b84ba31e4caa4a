"""The style sheet of a report: light, dark and printed."""

STYLE = """
:root {
  color-scheme: light dark;
  --ground: #ffffff; --text: #1b1f24; --muted: #5a626e; --line: #d5d9df; --band: #f4f5f7;
  --train: #0072b2; --test: #a87500; --right: #0072b2; --wrong: #d55e00; --wrong-text: #a84800;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #16181d; --text: #e6e8eb; --muted: #a6adb8; --line: #434953; --band: #1f2228;
    --train: #56b4e9; --test: #e69f00; --right: #56b4e9; --wrong: #d55e00; --wrong-text: #ff9a4d;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; max-width: 62rem; padding: 2rem 1.5rem 4rem;
  background: var(--ground); color: var(--text);
  font: 1rem/1.5 system-ui, "Segoe UI", "Noto Sans", "DejaVu Sans", sans-serif;
}
h1 { font-size: 1.9rem; line-height: 1.2; margin: 0 0 .3rem; overflow-wrap: anywhere; }
h2 {
  font-size: 1.3rem; margin: 2.6rem 0 .6rem; padding-top: .9rem; border-top: 1px solid var(--line);
}
h3 { font-size: 1.05rem; margin: 1.6rem 0 .4rem; }
p { margin: .5rem 0; max-width: 48rem; }
.muted, figcaption { color: var(--muted); }
figure { margin: 1rem 0; }
figcaption { font-size: .9rem; text-align: left; max-width: 48rem; }
svg text { fill: var(--muted); font-size: 12px; }
svg { max-width: 100%; height: auto; display: block; }
img.pixels, image { image-rendering: pixelated; }

.figures { display: flex; flex-wrap: wrap; gap: 1rem 2.6rem; margin: 1.4rem 0; padding: 0; }
.figures div { display: flex; flex-direction: column-reverse; }
.figures dt { color: var(--muted); font-size: .9rem; }
.figures dd { margin: 0; font-size: 1.6rem; font-weight: 600; line-height: 1.25; }

.wide { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; margin: .6rem 0; }
th, td { padding: .3rem .8rem .3rem 0; text-align: left; vertical-align: top; }
thead th { border-bottom: 1px solid var(--line); color: var(--muted); font-weight: 600; }
tbody tr + tr { border-top: 1px solid var(--line); }
th.number, td.number { text-align: right; white-space: nowrap; }
th[scope=row] { font-weight: 400; overflow-wrap: anywhere; }
.equation { color: var(--muted); font-size: .85rem; }
.pairs { columns: 20rem 2; column-gap: 3rem; margin: .6rem 0; }
.pairs div {
  display: flex; justify-content: space-between; gap: 1.5rem; break-inside: avoid;
  padding: .3rem 0; border-bottom: 1px solid var(--line);
}
.pairs dt { color: var(--muted); flex: none; }
.pairs dd { margin: 0; text-align: right; overflow-wrap: anywhere; min-width: 0; }

.line { fill: none; stroke-width: 2; stroke-linejoin: round; }
.train { stroke: var(--train); } .test { stroke: var(--test); stroke-dasharray: 7 3; }
.batches { stroke: var(--train); stroke-width: 1; opacity: .35; fill: none; }
.dots.train { fill: var(--train); stroke: none; } .dots.test { fill: var(--test); stroke: none; }
svg text.train { fill: var(--train); stroke: none; font-weight: 600; }
svg text.test { fill: var(--test); stroke: none; font-weight: 600; }
.axis { stroke: var(--line); fill: none; }
svg text.end { text-anchor: end; } svg text.middle { text-anchor: middle; }
.stage { stroke: var(--right); fill: color-mix(in srgb, var(--right) 14%, var(--ground)); }
.ground { stroke: var(--line); fill: var(--band); }
svg text.name { fill: var(--text); }

.confusion th, .confusion td { padding: .25rem .5rem; text-align: right; border: 0; }
.confusion tbody tr + tr { border: 0; }
.confusion thead th { vertical-align: bottom; }
.confusion thead th span {
  writing-mode: vertical-rl; transform: rotate(180deg); max-height: 9rem;
  overflow: hidden; text-overflow: ellipsis; white-space: nowrap;
}
.confusion thead th.short span { writing-mode: horizontal-tb; transform: none; }
.confusion td { min-width: 2.6rem; border: 1px solid var(--ground); }
.confusion .right { background: color-mix(in srgb, var(--right) var(--share), var(--band)); }
.confusion .wrong { background: color-mix(in srgb, var(--wrong) var(--share), var(--band)); }
.confusion .none { color: var(--muted); background: var(--band); }

.samples {
  display: grid; grid-template-columns: repeat(auto-fill, minmax(8.6rem, 1fr));
  gap: 1rem; margin: 1rem 0; padding: 0; list-style: none;
}
.samples li { break-inside: avoid; font-size: .88rem; line-height: 1.35; overflow-wrap: anywhere; }
.samples img {
  width: 100%; aspect-ratio: 1; object-fit: contain; background: #000;
  border: 3px solid var(--right); border-radius: 4px;
}
.samples .mistake img { border: 3px dashed var(--wrong); }
.samples .mistake .said { color: var(--wrong-text); font-weight: 600; }
.samples .said { display: block; font-weight: 600; }
.kernels img { background: var(--band); border: 1px solid var(--line); max-width: 100%; }
.answers {
  display: grid; grid-template-columns: 1fr auto; gap: 0 .6rem; margin: .1rem 0 0;
  color: var(--muted); font-variant-numeric: tabular-nums;
}
.answers dt { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.answers dd { margin: 0; }
.beside p { max-width: 26rem; }
.beside { display: flex; flex-wrap: wrap; gap: 0 4rem; align-items: flex-start; }
details { margin: .8rem 0; } summary { cursor: pointer; color: var(--muted); }
summary:focus-visible { outline: 2px solid var(--train); }

@media print {
  :root {
    color-scheme: light; --ground: #ffffff; --text: #000000; --muted: #444444; --line: #bbbbbb;
    --band: #f4f5f7; --train: #0072b2; --test: #a87500; --right: #0072b2; --wrong: #d55e00;
    --wrong-text: #a84800;
  }
  @page { margin: 16mm 14mm; }
  body { max-width: none; padding: 0; font-size: 10pt; }
  h2, h3, h3 + p { break-after: avoid; }
  table { font-size: 9pt; } .beside { gap: 0 2rem; }
  .beside p { max-width: 20rem; }
  .figures { gap: 1rem 1.8rem; } .figures dd { font-size: 1.25rem; }
  figure, tr, .figures, .confusion, .beside details { break-inside: avoid; }
  thead { display: table-header-group; }
  .pairs { columns: 2; }
  .samples { grid-template-columns: repeat(6, 1fr); gap: .7rem; font-size: .8rem; }
  details:not([open]) { display: none; }
  .wide { overflow: visible; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
"""
