"""What demonstration data is made of: places, names, services.

Nobody here exists. Professional numbers are of the fictitious range (997…), e-mail domains are reserved
(example.org), telephone numbers are of a range kept for fiction (+33 1 99 00).
"""

from typing import NamedTuple


class City(NamedTuple):
    """A place with its zone, its currency, how dear it is compared with Paris, and the languages spoken there."""

    name: str
    country: str
    latitude: float
    longitude: float
    zone: str
    currency: str
    price: float
    languages: tuple[str, ...]


CITIES = (
    City("Paris", "FR", 48.8566, 2.3522, "Europe/Paris", "EUR", 1.0, ("fr", "en")),
    City("Lyon", "FR", 45.7640, 4.8357, "Europe/Paris", "EUR", 0.9, ("fr", "en")),
    City("Strasbourg", "FR", 48.5734, 7.7521, "Europe/Paris", "EUR", 0.9, ("fr", "de", "en")),
    City("Brussels", "BE", 50.8503, 4.3517, "Europe/Brussels", "EUR", 0.95, ("fr", "nl", "en")),
    City("Geneva", "CH", 46.2044, 6.1432, "Europe/Zurich", "CHF", 2.1, ("fr", "en", "de")),
    City("Munich", "DE", 48.1351, 11.5820, "Europe/Berlin", "EUR", 1.1, ("de", "en")),
    City("Barcelona", "ES", 41.3874, 2.1686, "Europe/Madrid", "EUR", 0.8, ("es", "en", "fr")),
    City("Lisbon", "PT", 38.7223, -9.1393, "Europe/Lisbon", "EUR", 0.7, ("pt", "en", "fr")),
    City("Milan", "IT", 45.4642, 9.1900, "Europe/Rome", "EUR", 0.9, ("it", "en", "fr")),
    City("London", "GB", 51.5072, -0.1276, "Europe/London", "GBP", 1.9, ("en", "fr")),
    City("Prague", "CZ", 50.0755, 14.4378, "Europe/Prague", "CZK", 0.55, ("cs", "en", "de")),
    City("Budapest", "HU", 47.4979, 19.0402, "Europe/Budapest", "HUF", 0.5, ("hu", "en", "de")),
    City("Istanbul", "TR", 41.0082, 28.9784, "Europe/Istanbul", "TRY", 0.5, ("tr", "en", "ar")),
    City("Casablanca", "MA", 33.5731, -7.5898, "Africa/Casablanca", "MAD", 0.45, ("ar", "fr", "en")),
    City("Tunis", "TN", 36.8065, 10.1815, "Africa/Tunis", "TND", 0.4, ("ar", "fr", "en")),
    City("Dubai", "AE", 25.2048, 55.2708, "Asia/Dubai", "AED", 1.5, ("ar", "en", "hi")),
    City("Mumbai", "IN", 19.0760, 72.8777, "Asia/Kolkata", "INR", 0.3, ("hi", "en")),
    City("Kathmandu", "NP", 27.7172, 85.3240, "Asia/Kathmandu", "NPR", 0.25, ("ne", "en")),
    City("Bangkok", "TH", 13.7563, 100.5018, "Asia/Bangkok", "THB", 0.5, ("th", "en")),
    City("Tokyo", "JP", 35.6762, 139.6503, "Asia/Tokyo", "JPY", 1.2, ("ja", "en")),
    City("Sydney", "AU", -33.8688, 151.2093, "Australia/Sydney", "AUD", 1.7, ("en",)),
    City("São Paulo", "BR", -23.5558, -46.6396, "America/Sao_Paulo", "BRL", 0.6, ("pt", "en", "es")),
    City("New York", "US", 40.7128, -74.0060, "America/New_York", "USD", 2.8, ("en", "es")),
    City("Cape Town", "ZA", -33.9249, 18.4241, "Africa/Johannesburg", "ZAR", 0.5, ("en", "af")),
)

#: Units of a currency per euro, rounded: for fees that look real, never for charging anyone.
RATES = {
    "EUR": 1, "CHF": 0.94, "GBP": 0.86, "CZK": 24.5, "HUF": 395, "TRY": 48, "MAD": 10.7, "TND": 3.4, "AED": 4.2,
    "INR": 100, "NPR": 160, "THB": 37.5, "JPY": 172, "AUD": 1.75, "BRL": 6.2, "USD": 1.15, "ZAR": 20,
}  # fmt: skip


class Offer(NamedTuple):
    """A service with its duration in minutes and what it costs in Paris, in euros."""

    name_en: str
    name_fr: str
    minutes: int
    euros: int


#: Specialty code -> what its practitioners offer, the first consultation first.
OFFERS: dict[str, tuple[Offer, ...]] = {
    "SM08": (
        Offer("Orthopaedic consultation", "Consultation d’orthopédie", 30, 90),
        Offer("Knee replacement: first visit", "Prothèse du genou : première visite", 60, 140),
        Offer("Hip replacement: first visit", "Prothèse de hanche : première visite", 60, 140),
    ),
    "SM04": (
        Offer("Cardiology consultation with ECG", "Consultation de cardiologie avec ECG", 30, 85),
        Offer("Heart ultrasound", "Échographie cardiaque", 45, 120),
    ),
    "SM38": (
        Offer("Eye examination", "Examen des yeux", 20, 70),
        Offer("Cataract surgery: first visit", "Opération de la cataracte : première visite", 45, 110),
    ),
    "SM10": (
        Offer("Reconstructive surgery consultation", "Consultation de chirurgie réparatrice", 45, 110),
        Offer("Scar treatment: first visit", "Traitement des cicatrices : première visite", 30, 95),
    ),
    "SM12": (Offer("Urology consultation", "Consultation d’urologie", 30, 85),),
    "SM14": (
        Offer("Digestive surgery consultation", "Consultation de chirurgie digestive", 30, 85),
        Offer("Obesity surgery: first visit", "Chirurgie de l’obésité : première visite", 60, 130),
    ),
    "SM15": (
        Offer("Dermatology consultation", "Consultation de dermatologie", 20, 75),
        Offer("Mole check", "Contrôle des grains de beauté", 30, 90),
    ),
    "SM20": (
        Offer("Gynaecology consultation", "Consultation de gynécologie", 30, 80),
        Offer("Fertility: first visit", "Fertilité : première visite", 60, 130),
    ),
    "SM24": (Offer("Gastroenterology consultation", "Consultation de gastro-entérologie", 30, 80),),
    "SM31": (Offer("Neurosurgery consultation", "Consultation de neurochirurgie", 45, 130),),
    "SM32": (Offer("Neurology consultation", "Consultation de neurologie", 45, 95),),
    "SM34": (Offer("Ear, nose and throat consultation", "Consultation ORL", 20, 75),),
    "SM36": (Offer("Oncology consultation", "Consultation d’oncologie", 60, 120),),
    "SM40": (Offer("Paediatric consultation", "Consultation de pédiatrie", 30, 70),),
    "SM41": (Offer("Respiratory consultation", "Consultation de pneumologie", 30, 80),),
    "SM42": (Offer("Psychiatric consultation", "Consultation de psychiatrie", 45, 90),),
    "SM48": (Offer("Rheumatology consultation", "Consultation de rhumatologie", 30, 80),),
    "SM54": (Offer("General consultation", "Consultation de médecine générale", 20, 40),),
    "SM57": (Offer("Allergy consultation and tests", "Consultation et tests d’allergie", 45, 90),),
    "SM62": (Offer("Diabetes and nutrition consultation", "Consultation de diabétologie et nutrition", 30, 75),),
    "SM74": (Offer("MRI with report", "IRM avec compte rendu", 45, 260),),
    "SM02": (Offer("Pain consultation", "Consultation de la douleur", 45, 95),),
    "SCD01": (Offer("Orthodontic assessment", "Bilan d’orthodontie", 45, 80),),
    "SCD02": (Offer("Dental implant: first visit", "Implant dentaire : première visite", 45, 90),),
}

FIRST_NAMES = (
    "Claire", "Samir", "Ingrid", "Mateo", "Yuki", "Amina", "Pavel", "Lucía", "Tomás", "Nadia", "Henrik", "Leïla",
    "Giulia", "Marek", "Priya", "Arun", "Sofia", "Omar", "Chloé", "Jan", "Malee", "Kenji", "Zeynep", "Emre", "Anita",
    "Rafael", "Helena", "Ruth", "Daniel", "Maya", "Iris", "Viktor", "Salma", "Bruno", "Elena", "Hugo",
)  # fmt: skip
LAST_NAMES = (
    "Morel", "Benali", "Lindqvist", "Ferreira", "Tanaka", "Haddad", "Novák", "Ortega", "Almeida", "Rossi", "Keller",
    "Chaoui", "Bianchi", "Kowal", "Sharma", "Iyer", "Costa", "Farouk", "Lambert", "Dvořák", "Suwan", "Mori",
    "Yıldız", "Demir", "Gurung", "Teixeira", "Santos", "Okafor", "Weber", "Thapa", "Peeters", "Nagy", "Mansouri",
    "Girard", "Marin", "Fontaine", "Botha", "O'Brien", "Clarke", "Vidal",
)  # fmt: skip
ESTABLISHMENTS = {
    "public": ("{city} Central Hospital", "Saint Anne University Hospital of {city}"),
    "private_for_profit": ("Clinic of the Lindens, {city}", "Riverside Clinic {city}"),
    "private_non_profit": ("Good Harbour Hospital, {city}",),
    "espic": ("Saint-Aubin Hospital, {city}",),
}
STREETS = (
    "Garden Street",
    "Station Road",
    "Market Square",
    "Riverside",
    "Old Mill Lane",
    "Park Avenue",
    "Church Street",
)
PRESENTATION = {
    "en": "I take the time to listen first, explain what is possible and what is not, and write the plan down.\n\n"
    "Patients from abroad receive a written report in English after each visit.",
    "fr": "Je prends d’abord le temps d’écouter, j’explique ce qui est possible et ce qui ne l’est pas, et je vous "
    "remets le plan par écrit.\n\nLes patients venus de l’étranger reçoivent un compte rendu après chaque visite.",
}
TITLES = "Doctor of Medicine\nSpecialist diploma\nMember of the national society of the specialty"
TITLES_FR = "Docteur en médecine\nDiplôme d’études spécialisées\nMembre de la société nationale de la spécialité"
#: One text for readers of every language, as a house with guests from abroad writes it.
ACCESS = (
    "Lift and ramp at the main door; the station is ten minutes away on foot. / "
    "Ascenseur et rampe à l’entrée principale\u202f; la gare est à dix minutes à pied."
)
