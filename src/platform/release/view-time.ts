const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** How long, in at most two units: `45 s`, `6:12 min`, `2 h 5 min`, `3 d 4 h`. */
export function span(ms: number): string {
  const left = Math.max(0, ms);
  if (left < minute) return `${Math.ceil(left / second)} s`;
  if (left < hour) {
    const [minutes, seconds] = [Math.floor(left / minute), Math.floor((left % minute) / second)];
    return seconds === 0 ? `${minutes} min` : `${minutes}:${String(seconds).padStart(2, "0")} min`;
  }
  if (left < day) return two(left, hour, "h", minute, "min");
  return two(left, day, "d", hour, "h");
}

function two(ms: number, large: number, largeName: string, small: number, smallName: string): string {
  const rest = Math.floor((ms % large) / small);
  return `${Math.floor(ms / large)} ${largeName}${rest > 0 ? ` ${rest} ${smallName}` : ""}`;
}

/** How long ago, in one unit: `just now`, `4 min ago`, `2 d ago`. */
export function ago(ms: number): string {
  if (ms < minute) return "just now";
  const [unit, name] = ms < hour ? [minute, "min"] : ms < day ? [hour, "h"] : [day, "d"];
  return `${Math.floor(ms / unit)} ${name} ago`;
}
