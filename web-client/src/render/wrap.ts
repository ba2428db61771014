// Lines that are no wider than there is room.

/** Breaks a text into lines: at spaces, and within a word that is wider than a line. What is too long ends in an ellipsis. */
export function wrap(text: string, room: number, linesMax: number, widthOf: (text: string) => number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const piece of text.trim().split(/\s+/u).flatMap((word) => broken(word, room, widthOf))) {
    const longer = line === "" ? piece : `${line} ${piece}`;
    if (widthOf(longer) <= room) {
      line = longer;
      continue;
    }
    lines.push(line);
    line = piece;
  }
  lines.push(line);
  return lines.length <= linesMax ? lines : [...lines.slice(0, linesMax - 1), shortened(lines[linesMax - 1] ?? "", room, widthOf)];
}

function shortened(line: string, room: number, widthOf: (text: string) => number): string {
  const letters = [...line];
  while (letters.length > 0 && widthOf(`${letters.join("")}…`) > room) letters.pop();
  return `${letters.join("")}…`;
}

/** A word in parts that each fit a line. */
function broken(word: string, room: number, widthOf: (text: string) => number): string[] {
  if (widthOf(word) <= room) return [word];
  const parts: string[] = [];
  let part = "";
  for (const letter of word) {
    if (part !== "" && widthOf(part + letter) > room) {
      parts.push(part);
      part = "";
    }
    part += letter;
  }
  return [...parts, part];
}
