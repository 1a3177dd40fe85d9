/** Types of the parts of `odoo-xmlrpc` that are used here. */
declare module "odoo-xmlrpc" {
  interface Options {
    url: string;
    port: number;
    db: string;
    username: string;
    password: string;
  }
  export default class Odoo {
    constructor(options: Options);
    connect<T>(done: (error: object | null, value: T) => void): void;
    execute_kw<T>(
      model: string,
      method: string,
      params: unknown[],
      done: (error: object | null, value: T) => void,
    ): void;
  }
}
