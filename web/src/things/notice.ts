// What the person is told, and how they want to be: the kinds, and what one does with them.

import { MarkReadRequestSchema, NotificationPreferencesSchema, NotificationSchema, RegisterDeviceRequestSchema, RenewCalendarFeedRequestSchema, SetPreferencesRequestSchema } from "../gen/undring/v1/notification_pb";
import { Thing } from "../gen/undring/v1/sync_pb";
import type { Deed } from "./deed";
import { kindOf } from "./kind";

/** Notifications, by their ids. */
export const notices = kindOf<"notification">({
  case: "notification",
  thing: Thing.NOTIFICATION,
  schema: NotificationSchema,
  id: (n) => n.id,
});

/** There is one of these, and it says nothing of whose it is. */
export const own = "own";

/** How the person wants to be told. */
export const preferences = kindOf<"preferences">({
  case: "preferences",
  thing: Thing.PREFERENCES,
  schema: NotificationPreferencesSchema,
  id: () => own,
  answers: ["preferences"],
  revision: (p) => p.revision,
});

/** Has seen them. */
export const markRead: Deed<typeof MarkReadRequestSchema> = {
  request: MarkReadRequestSchema,
  show(c, r) {
    for (const id of r.notificationIds) {
      const n = c.own(notices, id);
      if (n) n.read = true;
    }
  },
  place: () => "/told",
};

// Nothing of these is on the phone before the server has answered.

/** Sets how one wants to be told. */
export const setPreferences: Deed<typeof SetPreferencesRequestSchema> = { request: SetPreferencesRequestSchema, place: () => "/settings" };

/** Lets notifications reach this device, or no longer. */
export const registerDevice: Deed<typeof RegisterDeviceRequestSchema> = { request: RegisterDeviceRequestSchema, place: () => "/settings" };

/** Makes the calendar's address anew. */
export const renewFeed: Deed<typeof RenewCalendarFeedRequestSchema> = { request: RenewCalendarFeedRequestSchema, place: () => "/calendar" };
