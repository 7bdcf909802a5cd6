// What lies over a page: dialogs, menus, hints. Focus goes in, stays in, and comes back.
import type { ReactNode } from "react";
import { Dialog as AriaDialog, DialogTrigger, Heading, Menu as AriaMenu, MenuItem, MenuTrigger, Modal, ModalOverlay, Popover, Tooltip as AriaTooltip, TooltipTrigger } from "react-aria-components";
import { useSettings } from "../settings.ts";
import { Button } from "./form.tsx";

/** A dialog that its caller opens and closes. */
export function Dialog({ title, open, onClose, children, wide }: { title: string; open: boolean; onClose: () => void; children: ReactNode; wide?: boolean }) {
  const { t } = useSettings();
  return (
    <ModalOverlay isOpen={open} onOpenChange={(now) => !now && onClose()} isDismissable className="veil">
      <Modal className={wide ? "modal wide" : "modal"}>
        <AriaDialog className="dialog">
          <div className="dialogbar">
            <Heading slot="title">{title}</Heading>
            <Button kind="quiet" aria-label={t("close")} onPress={onClose}>
              ✕
            </Button>
          </div>
          {children}
        </AriaDialog>
      </Modal>
    </ModalOverlay>
  );
}

export interface Deed {
  id: string;
  label: string;
  /** A download or page instead of a deed. */
  href?: string;
  act?: () => void;
}

/** A button with a list of deeds under it. */
export function Menu({ label, deeds, kind = "plain" }: { label: ReactNode; deeds: readonly Deed[]; kind?: "plain" | "quiet" | "main" }) {
  return (
    <MenuTrigger>
      <Button kind={kind}>
        {label} <span aria-hidden="true">▾</span>
      </Button>
      <Popover className="popover">
        <AriaMenu className="options" onAction={(key) => deeds.find((deed) => deed.id === key)?.act?.()}>
          {deeds.map((deed) => (
            <MenuItem key={deed.id} id={deed.id} textValue={deed.label} {...(deed.href ? { href: deed.href, download: true } : {})}>
              {deed.label}
            </MenuItem>
          ))}
        </AriaMenu>
      </Popover>
    </MenuTrigger>
  );
}

/** A button with something small of its own to show under it. */
export function Drop({ label, children, kind = "plain" }: { label: ReactNode; children: ReactNode; kind?: "plain" | "quiet" }) {
  return (
    <DialogTrigger>
      <Button kind={kind}>
        {label} <span aria-hidden="true">▾</span>
      </Button>
      <Popover className="popover">
        <AriaDialog className="dropped">{children}</AriaDialog>
      </Popover>
    </DialogTrigger>
  );
}

/** One line that says what the thing it hangs on is. */
export function Hint({ text, children }: { text: string; children: ReactNode }) {
  return (
    <TooltipTrigger delay={300}>
      {children}
      <AriaTooltip className="tooltip">{text}</AriaTooltip>
    </TooltipTrigger>
  );
}
