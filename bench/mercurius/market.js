// Listings with their sellers and categories.

import { rowsOf } from './database.js'
import { connection, decodeId, encodeId, keysOf, money } from './plain.js'

const LISTING = `select id, seller_id, title, description, price_minor, price_asset, category_id, city, status,
  expires_at, version, submitted_at, created_at, updated_at from listings`
const USERS = 'select id, display_name from users where id = any($1)'
const CATEGORIES = 'select id, slug, path, level, name, parent_id from categories where id = any($1)'

class Listing {
  constructor (row) {
    this.key = row.id
    this.id = encodeId('lst', row.id)
    this.sellerKey = row.seller_id
    this.title = row.title
    this.description = row.description
    this.price = money(row.price_minor, row.price_asset)
    this.categoryKey = row.category_id
    this.city = row.city
    this.status = row.status
    this.expiresAt = row.expires_at
    this.version = row.version
    this.submittedAt = row.submitted_at
    this.createdAt = row.created_at
    this.updatedAt = row.updated_at
  }

  get categoryId () {
    return encodeId('cat', this.categoryKey)
  }

  // Mercurius' loaders tell their keys apart by the JSON of the whole parent; this makes it a short one.
  toJSON () {
    return this.key
  }
}

class User {
  constructor (row) {
    this.id = encodeId('usr', row.id)
    this.displayName = row.display_name
  }
}

class Category {
  constructor (row) {
    this.key = row.id
    this.id = encodeId('cat', row.id)
    this.slug = row.slug
    this.path = row.path
    this.level = row.level
    this.names = row.name
    this.parentKey = row.parent_id
  }

  toJSON () {
    return this.key
  }
}

export async function listingOf (text) {
  const [row] = await rowsOf('listing', `${LISTING} where id = $1`, [decodeId('lst', text)])
  if (row?.status !== 'ACTIVE') throw new Error('There is no such listing.')
  return new Listing(row)
}

// The size of the page is part of the statement: PostgreSQL would plan one with a parameter anew every time.
async function page (first, after) {
  const order = `order by created_at desc, id desc limit ${first + 1}`
  const shown = `${LISTING.replace('select ', "select to_char(created_at, 'YYYY-MM-DD HH24:MI:SS.US') as place, ")}`
  if (after === null) return rowsOf(`listings_${first}`, `${shown} where status = 'ACTIVE' ${order}`, [])
  const text = `${shown} where status = 'ACTIVE' and (created_at, id) < ($1::timestamptz, $2) ${order}`
  return rowsOf(`listings_${first}_after`, text, keysOf(after))
}

function batched (name, text, keyOf, shown) {
  return async queries => {
    const keys = [...new Set(queries.map(({ obj }) => keyOf(obj)))].filter(Boolean)
    const rows = keys.length ? await rowsOf(name, text, [keys]) : []
    const found = new Map(rows.map(row => [row.id, shown(row)]))
    return queries.map(({ obj }) => found.get(keyOf(obj)) ?? null)
  }
}

const shownCategory = row => new Category(row)
export const users = keyOf => batched('users', USERS, keyOf, row => new User(row))

export const resolvers = {
  Query: {
    listing: (_, { id }) => listingOf(id),
    listings: async (_, { first, after = null }) => {
      const size = sizeOf(first)
      return connection(await page(size, after), size, after, row => [row.place, row.id], row => new Listing(row))
    }
  },
  Category: {
    name: ({ names }, { language }) => names[language ?? 'en'] ?? names.en
  }
}

export const loaders = {
  Listing: {
    seller: users(listing => listing.sellerKey),
    category: batched('categories', CATEGORIES, listing => listing.categoryKey, shownCategory)
  },
  Category: {
    parent: batched('categories', CATEGORIES, category => category.parentKey, shownCategory)
  }
}

export function sizeOf (first) {
  const size = first ?? 20
  if (size < 1 || size > 50) throw new Error('must be between 1 and 50')
  return size
}
