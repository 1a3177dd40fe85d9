/** The part of Odoo's test framework that our component tests use. */

declare module "@odoo/hoot" {
  export interface Matchers {
    not: Matchers;
    toBe(expected: unknown): void;
    toEqual(expected: unknown): void;
    toHaveAttribute(name: string, value?: string | RegExp): void;
    toHaveClass(name: string): void;
    toHaveCount(count: number): void;
    toHaveText(text: string | RegExp): void;
    toHaveValue(value: string): void;
    toBeFocused(): void;
    toBeVisible(): void;
    toBeEnabled(): void;
    toMatch(pattern: string | RegExp): void;
    toBeEmpty(): void;
  }
  export interface Expect {
    (actual: unknown): Matchers;
    step(step: unknown): void;
    verifySteps(steps: unknown[]): void;
    verifyErrors(errors: (string | RegExp)[]): void;
    errors(count: number): void;
  }
  export const expect: Expect;
  export interface TestFunction {
    (name: string, run: () => void | Promise<void>): void;
    tags(...tags: string[]): TestFunction;
  }
  export const test: TestFunction;
  export const describe: {
    (name: string, run: () => void): void;
    current: { tags(...tags: string[]): void };
  };
  export function beforeEach(run: () => void | Promise<void>): void;
  export function mockDate(date: string): void;
  export function queryAllTexts(selector: string): string[];
  export function queryOne(selector: string): HTMLElement;
  export function press(keys: string | string[]): Promise<unknown>;
  export function animationFrame(): Promise<void>;
  export function runAllTimers(): Promise<number>;
  export class Deferred<T> extends Promise<T> {
    constructor();
    resolve(value: T): void;
    reject(reason: unknown): void;
  }
}

declare module "@web/../tests/web_test_helpers" {
  export function contains(selector: string): {
    click(): Promise<void>;
    edit(
      value: string,
      options?: { confirm?: boolean | string },
    ): Promise<void>;
    focus(): Promise<void>;
    press(key: string): Promise<void>;
  };
  export function getService(name: string): {
    doAction(action: unknown, options?: unknown): Promise<unknown>;
  };
  export function mountWithCleanup(
    component: unknown,
    options?: { props?: Record<string, unknown>; noMainContainer?: boolean },
  ): Promise<unknown>;
  export interface RpcParameters {
    args: unknown[];
    kwargs: Record<string, unknown>;
    model: string;
    method: string;
  }
  export function onRpc(
    model: string,
    method: string,
    reply: (parameters: RpcParameters) => unknown,
  ): void;
  export function makeServerError(options: { message: string }): Error;
}

declare module "@web/webclient/webclient" {
  import { Component } from "@odoo/owl";
  export class WebClient extends Component {}
}

declare module "@mail/../tests/mail_test_helpers" {
  export function defineMailModels(): void;
}
