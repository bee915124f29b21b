// Values as the API writes them: ids, amounts, instants and the pages of a list.

const DIGITS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const PAIRS = Array.from({ length: 1024 }, (_, number) => DIGITS[number >> 5] + DIGITS[number & 31])
const VALUES = new Map(Array.from(DIGITS, (digit, value) => [digit, value]))
const SCALES = { POINTS: 0, USDT: 6, KES: 2, INR: 2, USD: 2, EUR: 2 }

// The prefix and 26 digits in Crockford's base 32: two for the first byte, then four for every twenty bits.
export function encodeId (kind, uuid) {
  const hex = uuid.replaceAll('-', '')
  let text = kind + '_' + PAIRS[parseInt(hex.slice(0, 2), 16)]
  for (let place = 2; place < 32; place += 5) {
    const bits = parseInt(hex.slice(place, place + 5), 16)
    text += PAIRS[bits >> 10] + PAIRS[bits & 1023]
  }
  return text
}

export function decodeId (kind, text) {
  if (!text.startsWith(kind + '_') || text.length !== kind.length + 27) throw new Error(`is not an id of the form ${kind}_…`)
  const bits = Array.from(text.slice(kind.length + 1), digit => VALUES.get(digit))
  let hex = (bits[0] << 5 | bits[1]).toString(16).padStart(2, '0')
  for (let place = 2; place < 26; place += 4) {
    const number = bits[place] << 15 | bits[place + 1] << 10 | bits[place + 2] << 5 | bits[place + 3]
    hex += number.toString(16).padStart(5, '0')
  }
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}

// `units` are text, as PostgreSQL sends its 64 bits.
export function money (units, asset) {
  const scale = SCALES[asset]
  if (scale === 0) return { amount: units, asset, units, scale }
  const sign = units[0] === '-' ? '-' : ''
  const digits = units.slice(sign.length).padStart(scale + 1, '0')
  const point = digits.length - scale
  return { amount: `${sign}${digits.slice(0, point)}.${digits.slice(point)}`, asset, units, scale }
}

export function unitsOf ({ amount, asset }) {
  const found = /^(\d{1,15})(?:\.(\d{1,18}))?$/.exec(amount)
  const fraction = (found?.[2] ?? '').replace(/0+$/, '')
  if (!found || fraction.length > SCALES[asset]) throw new Error('must be a plain decimal number such as 12.50')
  return BigInt(found[1] + fraction.padEnd(SCALES[asset], '0')).toString()
}

// From PostgreSQL's text in UTC, "2026-11-20 08:30:00.123456+00", without a Date between.
export function instant (text) {
  const fraction = text[19] === '.' ? text.slice(20, -3).padEnd(3, '0').slice(0, 3) : '000'
  return `${text.slice(0, 10)}T${text.slice(11, 19)}.${fraction}Z`
}

// One row more than the page was read, to know whether others follow.
export function connection (rows, first, after, keysOf, shown) {
  const hasNextPage = rows.length > first
  const edges = (hasNextPage ? rows.slice(0, first) : rows).map(row => ({
    cursor: Buffer.from(JSON.stringify(keysOf(row))).toString('base64url'),
    node: shown(row)
  }))
  const endCursor = edges.at(-1)?.cursor ?? null
  return {
    edges,
    nodes: edges.map(edge => edge.node),
    pageInfo: { hasNextPage, hasPreviousPage: after !== null, startCursor: edges[0]?.cursor ?? null, endCursor },
    nextCursor: hasNextPage ? endCursor : null
  }
}

export function keysOf (cursor) {
  return JSON.parse(Buffer.from(cursor, 'base64url').toString())
}
