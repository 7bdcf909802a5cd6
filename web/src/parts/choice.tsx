// A small switch between a few named choices: a radio group, so that arrow keys and screen readers know it.
import { useId } from "react";

interface Choice<T extends string> {
  value: T;
  label: string;
}

export function ChoiceGroup<T extends string>({ name, value, choices, onChange }: { name: string; value: T; choices: Choice<T>[]; onChange: (value: T) => void }) {
  const group = useId();
  return (
    <fieldset className="choice">
      <legend>{name}</legend>
      {choices.map((choice) => (
        <label key={choice.value}>
          <input type="radio" name={group} value={choice.value} checked={choice.value === value} onChange={() => onChange(choice.value)} />
          <span>{choice.label}</span>
        </label>
      ))}
    </fieldset>
  );
}
