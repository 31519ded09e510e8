"""The pages of bookings: free times and the request, the patient's side, the provider's side, calendars."""
