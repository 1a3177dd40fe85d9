/**
 * A slim typed facade of Odoo's web client: only what our screens use.
 *
 * `node scripts/build/facade-check.mjs` compares each module and name here with
 * Odoo's own source.
 */

declare module "@web/core/assets" {
  /** Loads scripts and styles of a bundle once. */
  export function loadBundle(name: string): Promise<unknown>;
}

declare module "@web/core/browser/browser" {
  /** The browser's own functions, which tests can replace. */
  export const browser: {
    setTimeout(run: () => void, milliseconds: number): number;
    clearTimeout(timer: number): void;
    location: { reload(): void };
  };
}

declare module "@web/core/currency" {
  export interface Currency {
    symbol: string;
    position: "before" | "after";
    digits: [number, number];
  }
  export function getCurrency(id: number): Currency | undefined;
}

declare module "@web/core/dialog/dialog" {
  import { Component } from "@odoo/owl";
  export class Dialog extends Component {}
}

declare module "@web/core/hotkeys/hotkey_hook" {
  export interface HotkeyOptions {
    allowRepeat?: boolean;
    bypassEditableProtection?: boolean;
    global?: boolean;
    area?: () => HTMLElement | null;
    isAvailable?: (target: EventTarget | null) => boolean;
  }
  export function useHotkey(
    hotkey: string,
    callback: () => void,
    options?: HotkeyOptions,
  ): void;
}

declare module "@web/core/l10n/dates" {
  /** Luxon's DateTime, as far as we look into it. */
  export interface DateTime {
    toMillis(): number;
  }
  export function deserializeDate(value: string): DateTime;
  export function deserializeDateTime(value: string): DateTime;
  /** `Nov 20`, with the year where it is not this one. */
  export function toLocaleDateString(value: DateTime): string;
  export function toLocaleDateTimeString(
    value: DateTime,
    options?: { showSeconds?: boolean },
  ): string;
  export function today(): DateTime;
}

declare module "@web/core/l10n/localization" {
  export const localization: {
    decimalPoint: string;
    thousandsSep: string;
    grouping: number[];
  };
}

declare module "@web/core/l10n/translation" {
  export function _t(term: string, ...values: unknown[]): string;
}

declare module "@web/core/pager/pager" {
  import { Component } from "@odoo/owl";
  export class Pager extends Component {}
}

declare module "@web/core/registry" {
  export interface Registry {
    add(key: string, value: unknown, options?: { force?: boolean }): Registry;
    get(key: string): unknown;
    contains(key: string): boolean;
  }
  export const registry: { category(name: string): Registry };
}

declare module "@web/core/utils/hooks" {
  import type { Component } from "@odoo/owl";
  export interface Services {
    bus_service: {
      start(): Promise<void>;
      subscribe(type: string, run: (payload: unknown) => void): void;
      unsubscribe(type: string, run: (payload: unknown) => void): void;
    };
    action: {
      doAction(
        action: string | Record<string, unknown>,
        options?: Record<string, unknown>,
      ): Promise<unknown>;
    };
    dialog: {
      add<P extends object>(
        dialog: new (...args: never[]) => Component<P>,
        props: Omit<P, "close">,
        options?: { onClose?: () => void },
      ): () => void;
    };
    notification: {
      add(
        message: string,
        options?: {
          type?: "info" | "success" | "warning" | "danger";
          title?: string;
          sticky?: boolean;
          autocloseDelay?: number;
          buttons?: {
            name: string;
            primary?: boolean;
            onClick: () => void;
          }[];
        },
      ): () => void;
    };
    orm: {
      /** The same, without the sign that something loads. */
      silent: Services["orm"];
      call(
        model: string,
        method: string,
        args?: unknown[],
        kwargs?: Record<string, unknown>,
      ): Promise<unknown>;
    };
    ui: {
      isSmall: boolean;
      size: number;
      activeElement: Document | HTMLElement;
    };
  }
  export function useService<K extends keyof Services>(name: K): Services[K];
  export interface ForwardRef {
    (ref: { el: HTMLElement | null }): void;
    el?: HTMLElement | null;
  }
  export function useChildRef(): ForwardRef;
}

declare module "@web/core/ui/ui_service" {
  /** Indices of the breakpoints, as in `ui.size`. */
  export const SIZES: Record<"XS" | "SM" | "MD" | "LG" | "XL" | "XXL", number>;
}

declare module "@web/core/utils/numbers" {
  export function insertThousandsSep(
    number: string,
    thousandsSep?: string,
    grouping?: number[],
  ): string;
}

declare module "@web/core/utils/timing" {
  export function useDebounced<A extends unknown[]>(
    callback: (...args: A) => void,
    delay: number,
  ): ((...args: A) => void) & { cancel(): void };
}

declare module "@web/search/action_hook" {
  export function useSetupAction(options: {
    getLocalState?: () => Record<string, unknown>;
  }): void;
}

declare module "@web/search/layout" {
  import { Component } from "@odoo/owl";
  export class Layout extends Component {}
}

declare module "@web/webclient/actions/action_service" {
  export const standardActionServiceProps: Record<
    string,
    { type: ObjectConstructor; optional: true }
  >;
}

declare module "@web/views/view_dialogs/select_create_dialog" {
  import { Component } from "@odoo/owl";
  export class SelectCreateDialog extends Component<{
    close: () => void;
    resModel: string;
    title: string;
    noCreate: boolean;
    multiSelect: boolean;
    domain: unknown[];
    onSelected: (ids: number[]) => void;
  }> {}
}

declare module "@web/core/network/rpc" {
  export function rpc(
    path: string,
    params?: Record<string, unknown>,
  ): Promise<unknown>;
}

declare module "@web/public/interaction" {
  /** Behaviour of a part of a public page. */
  export class Interaction {
    static selector: string;
    el: HTMLElement;
    start(): void;
    /** The promise, that never goes on once the part is gone. */
    waitFor<T>(promise: Promise<T>): Promise<T>;
    waitForTimeout(run: () => void, milliseconds: number): void;
  }
}
