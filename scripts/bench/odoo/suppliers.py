"""Times exclusion screening and the duplicate check; run inside `odoo shell`.

Told by the environment: TASK, `screening` (SUPPLIERS against EXCLUSIONS) or `duplicates` (CHECKS new
suppliers among PARTNERS). All parties are invented. Prints seconds or milliseconds of ours, and of
the same comparison without index, for a sample.
"""

import base64
import csv
import io
import json
import os
import random
import time

from odoo.addons.healthcare_supplier.tools import duplicates, names, screening
from psycopg2.extras import execute_values

RANDOM = random.Random(20)  # noqa: S311 (the same invented parties every time)
FIRST = (
    "Acme Apex Beacon Cedar Central Crown Delta Eagle Global Grand Harbor Heritage Horizon Imperial "
    "Keystone Lake Liberty Metro Midland National Noble North Ocean Pacific Palm Pinnacle Pioneer Premier "
    "Prime River Royal Silver South Star Sterling Summit Superior Titan Union Valley Vista West Zenith"
)
FIELD = (
    "Medical Surgical Health Healthcare Pharmacy Dental Diagnostic Imaging Orthopedic Therapy Laboratory "
    "Hospital Equipment Clinical Biomedical Scientific"
)
KIND = "Supply Services Group Systems Associates Center Products Solutions Partners Distributors Industries"
FORMS = ("Inc", "LLC", "Corp", "Ltd", "Co., Inc.")
GIVEN = "James Mary John Linda Robert Susan Michael Karen David Lisa William Nancy Richard Betty"
# Names of places and families share parts, but not many: some thousand syllables.
ONSETS = (
    "b bl br c ch cl cr d dr f fl fr g gl gr h j k kl kr l m n p ph pl pr qu r s sc sh "
    "sk sl sm sn sp st str sw t th tr v w wh y z"
)
VOWELS = "a ai au e ea ee ei i ia ie o oa oo ou u ue y"
CODAS = "b ck d ff g ld ll lm m n nd ng nk nt p r rd rk rn rt s sk ss st t th tt v x"
TOWNS = (("Springfield", "IL"), ("Columbus", "OH"), ("Raleigh", "NC"), ("Dayton", "OH"), ("Trenton", "NJ"))
COLUMNS = (
    "LASTNAME,FIRSTNAME,MIDNAME,BUSNAME,GENERAL,SPECIALTY,UPIN,NPI,DOB,ADDRESS,CITY,STATE,ZIP,EXCLTYPE,"
    "EXCLDATE,REINDATE,WAIVERDATE,WVRSTATE"
)
# Suppliers that are on the list under nearly their name: all of them have to be found.
PLANTED = 50
# Of how many the comparison without index is timed.
SAMPLE = 10


def word(*counts):
    """Return a made-up word of so many syllables."""
    parts = (ONSETS.split(), VOWELS.split(), CODAS.split())
    count = RANDOM.choice(counts)
    return "".join(RANDOM.choice(part) for _n in range(count) for part in parts).title()


def company():
    """Return a name of three to five words, one of them hardly anybody else's."""
    lead = RANDOM.choice(
        [word(2), f"{word(1, 2)} {word(1, 2)}", f"{RANDOM.choice(FIRST.split())} {word(1, 2)}"]
    )
    return f"{lead} {RANDOM.choice(FIELD.split())} {RANDOM.choice(KIND.split())} {RANDOM.choice(FORMS)}"


def place():
    """Return street, city, state, postal code."""
    town, state = RANDOM.choice(TOWNS)
    return (
        f"{RANDOM.randrange(1, 9999)} {word(1, 2)} Street",
        town,
        state,
        str(RANDOM.randrange(10_000, 99_999)),
    )


def required(env):
    """Return the columns that every partner has to have, with the values that Odoo gives them."""
    partner = env["res.partner"].create({"name": "Bench", "is_company": True})
    env.flush_all()
    env.cr.execute(
        "SELECT attname FROM pg_attribute WHERE attrelid = 'res_partner'::regclass AND attnotnull"
        " AND attnum > 0 AND NOT attisdropped AND attname <> 'id'"
    )
    columns = [name for (name,) in env.cr.fetchall()]
    env.cr.execute("SELECT * FROM res_partner WHERE id = %s", [partner.id])
    values = env.cr.dictfetchone()
    return {name: values[name] for name in columns}


def make_partners(env, count):
    """Make suppliers as rows: what is timed is the comparison, not Odoo's `create`."""
    states = {
        state.code: state.id for state in env["res.country.state"].search([("country_id.code", "=", "US")])
    }
    common = required(env) | {
        "active": True,
        "is_company": True,
        "type": "contact",
        "supplier_rank": 1,
        "country_id": env.ref("base.us").id,
    }
    rows = []
    for _number in range(count):
        name, (street, city, state, code) = company(), place()
        rows.append(
            common
            | {
                "name": name,
                "complete_name": name,
                "street": street,
                "city": city,
                "zip": code,
                "state_id": states[state],
                "name_key": names.name_key(name),
                "name_core": names.name_core(names.name_key(name)),
                "street_key": names.street_key(street),
                "city_key": names.city_key(city),
                "zip_key": names.zip_key(code),
            }
        )
    made = execute_values(
        env.cr._obj,
        f"INSERT INTO res_partner ({', '.join(rows[0])}) VALUES %s RETURNING id",  # noqa: S608 (our columns)
        [tuple(row.values()) for row in rows],
        page_size=1000,
        fetch=True,
    )
    ids = [row[0] for row in made]
    env.cr.execute("UPDATE res_partner SET commercial_partner_id = id WHERE id = ANY(%s)", [ids])
    env.invalidate_all()
    env.cr.commit()
    env.cr.execute("ANALYZE res_partner")
    env.cr.commit()
    return env["res.partner"].browse(ids)


def leie(count, planted):
    """Return a LEIE file, with these partners in it under nearly their name."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS.split(","))
    for number in range(count):
        street, city, state, code = place()
        person = number % 10 < 8
        who = (word(1, 2).upper(), RANDOM.choice(GIVEN.split()).upper(), "", "")
        if number < len(planted):
            partner = planted[number]
            name = partner.name.upper().replace(",", "").replace("SUPPLY", "SUPPLIES")
            who, person = ("", "", "", name), False
            street, city, code = partner.street.upper(), partner.city, partner.zip
            state = partner.state_id.code
        elif not person:
            who = ("", "", "", company().upper())
        born = f"19{RANDOM.randrange(40, 90)}0101" if person else ""
        since = f"20{RANDOM.randrange(10, 25)}{RANDOM.randrange(1, 13):02}{RANDOM.randrange(1, 29):02}"
        zero = "0" * 8
        kind = ("OTHER BUSINESS", "SUPPLIER", "", "0" * 10, born)
        writer.writerow([*who, *kind, street, city.upper(), state, code, "1128a1", since, zero, zero, ""])
    return out.getvalue().encode()


def run_screening(env):
    """Load a list, screen all suppliers, and check that the planted ones are found."""
    partners = make_partners(env, int(os.environ["SUPPLIERS"]))
    exclusions = env["healthcare.exclusion.list"].create(
        {
            "filename": "bench.csv",
            "content": base64.b64encode(leie(int(os.environ["EXCLUSIONS"]), partners[:PLANTED])),
        }
    )
    exclusions.action_load()
    began = time.perf_counter()
    env["healthcare.exclusion.list"]._cron_load()
    loaded = time.perf_counter() - began
    if exclusions.state != "loaded":
        raise SystemExit(f"the list is {exclusions.state}: {exclusions.error}")
    env.cr.execute("ANALYZE healthcare_exclusion_name")
    env.cr.execute("ANALYZE healthcare_exclusion_entry")
    env.cr.commit()
    began = time.perf_counter()
    env["healthcare.screening.run"]._cron_screen()
    screened = time.perf_counter() - began
    run = env["healthcare.screening.run"].search([("list_id", "=", exclusions.id)])
    found = run.match_ids.partner_id & partners[:PLANTED]
    if run.state != "done" or len(found) != PLANTED:
        raise SystemExit(f"the screening is {run.state}, found {len(found)} of {PLANTED}: {run.error}")
    env.cr.execute(
        "SELECT set_config('pg_trgm.similarity_threshold', %s, FALSE)", [str(screening.NAME_FLOOR)]
    )
    plain = without_index(
        env,
        "SELECT count(*) FROM res_partner p JOIN healthcare_exclusion_name n"
        " ON similarity(n.name_key, p.name_key) >= %s WHERE p.id = ANY(%s)",
        [screening.NAME_FLOOR, partners[:SAMPLE].ids],
    )
    return {
        "suppliers": run.supplier_count,
        "exclusions": exclusions.new_count,
        "load_seconds": round(loaded, 2),
        "screen_seconds": round(screened, 2),
        "matches": run.match_count,
        "without_index_seconds": round(plain / SAMPLE * run.supplier_count, 2),
    }


def run_duplicates(env):
    """Check new suppliers among many, each with what it costs to begin with."""
    make_partners(env, int(os.environ["PARTNERS"]))
    Partner = env["res.partner"]
    country = env.ref("base.us").id
    times = []
    for number in range(int(os.environ["CHECKS"])):
        street, city, _state, code = place()
        values = {
            "name": company(),
            "street": street,
            "city": city,
            "zip": code,
            "country_id": country,
            "vat": f"98-{1000000 + number}",
            "identifiers": [{"scheme": "duns", "value": f"{300000000 + number}"}],
        }
        env.invalidate_all()
        began = time.perf_counter()
        Partner._find_duplicates(values)
        times.append(round((time.perf_counter() - began) * 1000, 2))
    plain = without_index(
        env,
        "SELECT count(*) FROM generate_series(1, %s) CROSS JOIN res_partner o"
        " WHERE similarity(o.name_key, %s) >= %s AND o.commercial_partner_id = o.id",
        [SAMPLE, names.name_key(company()), duplicates.NAME_FLOOR],
    )
    return {
        "partners": Partner.search_count([]),
        "check_ms": times,
        "without_index_ms": round(plain / SAMPLE * 1000, 2),
    }


def without_index(env, query, parameters):
    """Return the seconds of a comparison of all with all."""
    began = time.perf_counter()
    env.cr.execute(query, parameters)
    return time.perf_counter() - began


tasks = {"screening": run_screening, "duplicates": run_duplicates}
print(json.dumps(tasks[os.environ["TASK"]](env)))  # noqa: F821 (`env` is odoo shell's)
