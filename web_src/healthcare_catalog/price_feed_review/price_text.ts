/** Prices and percentages as people read them. They stay text: no rounding. */

/** A unit as it stands on labels: package codes lose the X of Recommendation 21. */
export function unitText(code: string): string {
  return /^X[A-Z0-9]{2}$/.test(code) ? code.slice(1) : code;
}

/** `12.50 / BX`, `3.10 / 100 EA`; empty where there is no price. */
export function priceText(price: {
  amount: string;
  base_quantity: string;
  unit: string;
}): string {
  if (price.amount === "") {
    return "";
  }
  const isOne = /^1?$|^1\.0+$/.test(price.base_quantity);
  const unit = unitText(price.unit);
  const per = [isOne ? "" : price.base_quantity, unit]
    .filter(Boolean)
    .join(" ");
  return per ? `${price.amount} / ${per}` : price.amount;
}

/** `+12.5 %`, `−3 %`; empty where nothing is compared. */
export function percentText(percent: string): string {
  if (percent === "") {
    return "";
  }
  const digits = percent.replace(/^[-+]/, "");
  const short = /^(\d+)(?:\.(\d)\d*)?$/.exec(digits);
  const shown = short ? `${short[1]}${tenth(short[2])}` : digits;
  if (/^0*(\.0*)?$/.test(digits)) {
    return "0 %";
  }
  return `${percent.startsWith("-") ? "−" : "+"}${shown} %`;
}

function tenth(digit: string | undefined): string {
  return digit === undefined || digit === "0" ? "" : `.${digit}`;
}

/** Which way a price went: up is bad for who buys. */
export function trend(percent: string): "up" | "down" | "same" {
  if (percent === "" || /^[-+]?0*(\.0*)?$/.test(percent)) {
    return "same";
  }
  return percent.startsWith("-") ? "down" : "up";
}
