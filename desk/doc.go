// Package desk serves what the desk of those who run a school stands on: what is missing
// before a first visit, what a provider says of somebody, how the service does, and the
// record of what administrators have done. It tells numbers and names of the roster, and
// nothing of any visit.
package desk
