// Buttons, fields and choices: React Aria's behaviour (keyboard, screen readers, input methods) in our own look.
import type { ReactNode } from "react";
import {
  Button as AriaButton,
  type ButtonProps,
  Checkbox as AriaCheckbox,
  type CheckboxProps,
  FieldError,
  Input,
  Label,
  ListBox,
  ListBoxItem,
  Popover,
  Select as AriaSelect,
  SelectValue,
  Text,
  TextArea,
  TextField as AriaTextField,
  type TextFieldProps,
} from "react-aria-components";

/** `kind`: what a page wants pressed, what it allows, what cannot be taken back, or a quiet one in a row. */
export function Button({ kind = "plain", ...rest }: Omit<ButtonProps, "className"> & { kind?: "main" | "plain" | "grave" | "quiet" }) {
  return <AriaButton {...rest} className={kind === "plain" ? "button" : `button ${kind}`} />;
}

export function TextField({ label, hint, error, placeholder, rows, ...rest }: Omit<TextFieldProps, "className" | "children"> & { label: string; hint?: ReactNode; error?: string | undefined; placeholder?: string; rows?: number }) {
  return (
    <AriaTextField {...rest} isInvalid={error !== undefined || rest.isInvalid === true} className="field">
      <Label>{label}</Label>
      {rows ? <TextArea rows={rows} placeholder={placeholder ?? ""} /> : <Input placeholder={placeholder ?? ""} />}
      {hint && (
        <Text slot="description" className="hint">
          {hint}
        </Text>
      )}
      <FieldError className="wrong">{error}</FieldError>
    </AriaTextField>
  );
}

export interface Choice<T extends string> {
  value: T;
  label: string;
}

export function Select<T extends string>({ label, value, choices, onChange, hint }: { label: string; value: T | null; choices: readonly Choice<T>[]; onChange: (value: T) => void; hint?: ReactNode }) {
  return (
    <AriaSelect className="field" selectedKey={value} onSelectionChange={(key) => key !== null && onChange(String(key) as T)} placeholder="—">
      <Label>{label}</Label>
      <AriaButton className="button select">
        <SelectValue />
        <span aria-hidden="true">▾</span>
      </AriaButton>
      {hint && (
        <Text slot="description" className="hint">
          {hint}
        </Text>
      )}
      <Popover className="popover">
        <ListBox className="options">
          {choices.map((choice) => (
            <ListBoxItem key={choice.value} id={choice.value} textValue={choice.label}>
              {choice.label}
            </ListBoxItem>
          ))}
        </ListBox>
      </Popover>
    </AriaSelect>
  );
}

export function Checkbox({ children, ...rest }: Omit<CheckboxProps, "className" | "children"> & { children: ReactNode }) {
  return (
    <AriaCheckbox {...rest} className="check">
      <span className="box" aria-hidden="true" />
      <span>{children}</span>
    </AriaCheckbox>
  );
}
