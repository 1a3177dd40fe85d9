/** GS1 item numbers, as every format reads them. */

/** GS1 check digit: weights 3 and 1 from the right (GS1 General Specifications 7.9). */
export function checkDigit(digits: string): string {
  let sum = 0;
  for (let index = 0; index < digits.length; index += 1) {
    const weight = (digits.length - index) % 2 === 1 ? 3 : 1;
    sum += Number(digits[index]) * weight;
  }
  return String((10 - (sum % 10)) % 10);
}

/**
 * A GTIN-8, -12, -13 or -14 as 14 digits, zeros that were lost in front put
 * back; undefined for other text.
 */
export function gtin14(text: string): string | undefined {
  const digits = text.replaceAll(/[\s-]/g, "");
  return /^[0-9]{8,14}$/.test(digits) ? digits.padStart(14, "0") : undefined;
}

/** True when a GTIN-14's last digit is the right one. */
export function hasRightCheckDigit(gtin: string): boolean {
  return checkDigit(gtin.slice(0, -1)) === gtin.slice(-1);
}
