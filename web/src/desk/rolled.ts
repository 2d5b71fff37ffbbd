// What a team is likely to be called in the next school year.

const last = 10; // the grade after which pupils leave, and their teachers begin anew

/** The name with each grade one higher: "5. trinn" is "6. trinn", "5.–7. trinn" stays, for it is of several. A name without a grade, or of the last one, stays. */
export function nextYear(name: string): string {
  const grades = name.match(/\d+/g) ?? [];
  const grade = Number(grades[0]);
  return grades.length === 1 && grade >= 1 && grade < last ? name.replace(grades[0]!, String(grade + 1)) : name;
}
