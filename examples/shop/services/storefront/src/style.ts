/** The page's whole style; the page loads nothing from anywhere. */
export const style = `
:root { --ink: #14263b; --soft: #5b6b7c; --line: #e4dfd5; --paper: #f7f4ee; --card: #fffdf9; --sea: #0f4c5c; --red: #c8413b; }
* { box-sizing: border-box; margin: 0; }
body { background: var(--paper); color: var(--ink); font: 16px/1.5 "Avenir Next", "Segoe UI", system-ui, sans-serif; }
button, input { font: inherit; }
a { color: inherit; }
svg { fill: none; stroke: currentColor; stroke-width: 1.6; stroke-linecap: round; stroke-linejoin: round; }
header { background: linear-gradient(115deg, #0b2436, #0f4c5c 70%, #1d6f74); color: #fff; }
.bar { max-width: 1240px; margin: auto; padding: 26px 28px; display: flex; align-items: center; gap: 28px; flex-wrap: wrap; }
.brand { text-decoration: none; display: flex; align-items: center; gap: 14px; margin-right: auto; }
.brand svg { width: 44px; height: 44px; color: #f3c677; }
.brand b { display: block; font: 600 27px/1.15 Georgia, "Iowan Old Style", serif; letter-spacing: .01em; }
.brand small { color: #b9d3d8; letter-spacing: .02em; }
.search { display: flex; flex: 0 1 360px; background: #ffffff1c; border: 1px solid #ffffff38; border-radius: 999px; }
.search input { flex: 1; min-width: 0; border: 0; background: none; color: #fff; padding: 9px 6px 9px 20px; outline: none; }
.search input::placeholder { color: #b9d3d8; }
.search:focus-within { border-color: #f3c677; }
.search button { border: 0; background: none; color: #f3c677; padding: 0 20px; cursor: pointer; font-weight: 600; }
main { max-width: 1240px; margin: auto; padding: 26px 28px 44px; display: grid; grid-template-columns: minmax(0, 1fr) 336px; gap: 32px; align-items: start; }
.chips { display: flex; flex-wrap: wrap; gap: 8px; margin-bottom: 20px; }
.chips a { text-decoration: none; padding: 4px 15px; border: 1px solid var(--line); border-radius: 999px; background: var(--card); font-size: 14px; }
.chips a:hover { border-color: var(--sea); }
.chips a.on { background: var(--sea); border-color: var(--sea); color: #fff; }
.grid { display: grid; grid-template-columns: repeat(auto-fill, minmax(244px, 1fr)); gap: 20px; }
.product { background: var(--card); border: 1px solid var(--line); border-radius: 16px; overflow: hidden; display: flex; flex-direction: column; }
.product:hover { box-shadow: 0 10px 26px -14px #14263b66; }
.art { height: 116px; display: grid; place-items: center; background: linear-gradient(140deg, hsl(var(--h) 46% 90%), hsl(var(--h) 40% 79%)); color: hsl(var(--h) 48% 27%); }
.art svg { width: 58px; height: 58px; }
.text { padding: 14px 18px 4px; flex: 1; }
.text em { font: 600 11px/1 inherit; font-style: normal; font-size: 11px; font-weight: 600; letter-spacing: .09em; text-transform: uppercase; color: hsl(var(--h) 45% 33%); }
.text h2 { font: 600 18px/1.3 Georgia, "Iowan Old Style", serif; margin: 2px 0 4px; }
.text p { font-size: 14px; color: var(--soft); line-height: 1.45; }
.buy { display: flex; align-items: center; justify-content: space-between; padding: 12px 18px 16px; }
.price { font-weight: 650; font-size: 17px; font-variant-numeric: tabular-nums; }
.go { border: 0; border-radius: 999px; background: var(--sea); color: #fff; padding: 8px 16px; font-size: 14px; font-weight: 600; cursor: pointer; }
.go:hover { background: #0b3946; }
.go:disabled { background: #b8c0c4; cursor: not-allowed; }
aside { background: var(--card); border: 1px solid var(--line); border-radius: 16px; padding: 20px 22px 22px; position: sticky; top: 20px; }
aside h1 { font: 600 20px/1.3 Georgia, "Iowan Old Style", serif; display: flex; justify-content: space-between; align-items: baseline; }
aside h1 small { font: 14px/1 inherit; font-size: 14px; font-weight: 400; font-family: system-ui, sans-serif; color: var(--soft); }
.items { list-style: none; padding: 0; margin: 12px 0 0; }
.items li { display: grid; grid-template-columns: 1fr auto auto; gap: 2px 10px; padding: 11px 0; border-top: 1px solid var(--line); font-size: 15px; align-items: center; }
.items small { color: var(--soft); grid-column: 1; }
.items b { font-weight: 600; font-variant-numeric: tabular-nums; }
.plain { border: 0; background: none; color: var(--soft); cursor: pointer; padding: 0; font-size: 14px; }
.plain:hover { color: var(--red); }
.total { display: flex; justify-content: space-between; border-top: 2px solid var(--ink); padding-top: 12px; margin: 2px 0 8px; font-size: 18px; font-weight: 650; font-variant-numeric: tabular-nums; }
.empty { color: var(--soft); padding: 10px 0 2px; font-size: 15px; }
.banner { background: #e9f4ec; border-radius: 8px; padding: 12px 16px; margin: 0 0 18px; font-weight: 600; }
.notice { border-left: 4px solid var(--red); background: #fdeeea; border-radius: 8px; padding: 12px 16px; margin-bottom: 18px; font-size: 15px; }
aside .notice { margin: 14px 0 0; }
footer { max-width: 1240px; margin: auto; padding: 18px 28px 34px; color: var(--soft); font-size: 13px; border-top: 1px solid var(--line); display: flex; flex-wrap: wrap; gap: 6px 26px; }
footer code { font: 12px/1.5 ui-monospace, "SF Mono", Menlo, monospace; color: var(--ink); background: #ece7db; border-radius: 5px; padding: 1px 6px; }
@media (max-width: 860px) { main { grid-template-columns: 1fr; } aside { position: static; order: -1; } .search { flex-basis: 100%; } }
`;
