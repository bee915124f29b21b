// What is told live: this process publishes it itself, at an exact rate, over Mercurius' own emitter in memory.

import { randomUUID } from 'node:crypto'
import { listingOf } from './market.js'
import { encodeId } from './plain.js'

const TICK_MS = 10
const EVENTS_MAX = 100_000

export const resolvers = {
  Subscription: {
    listingEvents: {
      subscribe: (_, { listingId }, { pubsub }) => pubsub.subscribe(`listing:${listingId}`)
    }
  },
  ListingStreamItem: { resolveType: item => item.__typename }
}

function updated (listing, version) {
  return {
    __typename: 'ListingUpdated',
    id: encodeId('evt', randomUUID()),
    type: 'listings.update',
    occurredAt: new Date().toISOString(),
    cursor: `${listing.id}:${version}`,
    listingId: listing.id,
    status: listing.status,
    title: listing.title,
    price: listing.price,
    city: listing.city,
    categoryId: listing.categoryId,
    version
  }
}

// Event number n is about listing n modulo their count; every listing counts its own versions from `version` on.
export function publishing (app) {
  return async request => {
    const { listingIds, events, perSecond, version } = request.body
    if (events > EVENTS_MAX) throw new Error('too many events')
    const listings = await Promise.all(listingIds.map(listingOf))
    const begin = performance.now()
    let sent = 0
    await new Promise(resolve => {
      const timer = setInterval(() => {
        const due = Math.min(events, Math.floor((performance.now() - begin) / 1000 * perSecond))
        for (; sent < due; sent++) {
          const listing = listings[sent % listings.length]
          const item = updated(listing, version + Math.floor(sent / listings.length))
          app.graphql.pubsub.publish({ topic: `listing:${listing.id}`, payload: { listingEvents: item } })
        }
        if (sent === events) resolve(clearInterval(timer))
      }, TICK_MS)
    })
    return { sent }
  }
}
