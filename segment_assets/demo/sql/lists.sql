-- What the shop is made of. `i` counts from 0, for roll().

create temp table cities as
select row_number() over () - 1 as i, *
from (values
    ('Oslo', 'Oslo', 'Norway', '01', 2, '', 59.9139, 10.7522, 'Europe/Oslo', 'nb-NO', 'Storgata'),
    ('Bergen', 'Vestland', 'Norway', '50', 2, '', 60.3913, 5.3221, 'Europe/Oslo', 'nb-NO', 'Strandgaten'),
    ('Stockholm', 'Stockholm', 'Sweden', '111 ', 2, '', 59.3293, 18.0686, 'Europe/Stockholm', 'sv-SE', 'Drottninggatan'),
    ('Copenhagen', 'Hovedstaden', 'Denmark', '21', 2, '', 55.6761, 12.5683, 'Europe/Copenhagen', 'da-DK', 'Nørrebrogade'),
    ('Berlin', 'Berlin', 'Germany', '101', 2, '', 52.5200, 13.4050, 'Europe/Berlin', 'de-DE', 'Torstraße'),
    ('Hamburg', 'Hamburg', 'Germany', '200', 2, '', 53.5511, 9.9937, 'Europe/Berlin', 'de-DE', 'Lange Reihe'),
    ('Paris', 'Île-de-France', 'France', '750', 2, '', 48.8566, 2.3522, 'Europe/Paris', 'fr-FR', 'Rue de Rivoli'),
    ('Lyon', 'Auvergne-Rhône-Alpes', 'France', '6900', 1, '', 45.7640, 4.8357, 'Europe/Paris', 'fr-FR', 'Rue Mercière'),
    ('London', 'England', 'United Kingdom', 'SE1', 1, ' 4QP', 51.5074, -0.1278, 'Europe/London', 'en-GB', 'Long Lane'),
    ('Manchester', 'England', 'United Kingdom', 'M1', 1, ' 2WD', 53.4808, -2.2426, 'Europe/London', 'en-GB', 'Oldham Street'),
    ('New York', 'NY', 'United States', '100', 2, '', 40.7128, -74.0060, 'America/New_York', 'en-US', 'Bleecker Street'),
    ('Boston', 'MA', 'United States', '021', 2, '', 42.3601, -71.0589, 'America/New_York', 'en-US', 'Charles Street'),
    ('Seattle', 'WA', 'United States', '981', 2, '', 47.6062, -122.3321, 'America/Los_Angeles', 'en-US', 'Pike Street'),
    ('Toronto', 'ON', 'Canada', 'M5V 2T', 1, '', 43.6532, -79.3832, 'America/Toronto', 'en-CA', 'Queen Street West'),
    ('Madrid', 'Comunidad de Madrid', 'Spain', '280', 2, '', 40.4168, -3.7038, 'Europe/Madrid', 'es-ES', 'Calle de Alcalá')
) as t(city, state, country, postal_start, postal_digits, postal_end, latitude, longitude, timezone, locale, street);

create temp table first_names as
select generate_subscripts(names, 1) - 1 as i, unnest(names) as name
from (select [
    'Ada', 'Åse', 'Amir', 'Bjørn', 'Chloé', 'Clara', 'Daniel', 'Eleni', 'Emma', 'Fatima',
    'Felix', 'Grace', 'Hanna', 'Henrik', 'Ines', 'Ingrid', 'Jakub', 'James', 'José', 'Julia',
    'Karim', 'Lars', 'Léa', 'Liv', 'Łukasz', 'Maja', 'Mateo', 'Mei', 'Nadia', 'Noah',
    'Olivia', 'Oscar', 'Priya', 'Rosa', 'Sam', 'Sofia', 'Thomas', 'Wei', 'Yusuf', 'Zoë'
] as names);

create temp table last_names as
select generate_subscripts(names, 1) - 1 as i, unnest(names) as name
from (select [
    'Andersen', 'Bauer', 'Berg', 'Brown', 'Chen', 'Costa', 'Dahl', 'Dubois', 'Eriksson', 'Fischer',
    'García', 'Haugen', 'Hughes', 'Ibrahim', 'Jensen', 'Johnson', 'Kaya', 'Khan', 'Kowalski', 'Larsen',
    'López', 'Martin', 'Meyer', 'Müller', 'Nguyen', 'Nilsen', 'Novak', 'O''Brien', 'Okafor', 'Østby',
    'Patel', 'Petit', 'Roberts', 'Rossi', 'Schmidt', 'Silva', 'Smith', 'Tanaka', 'Williams', 'Young'
] as names);

create temp table products as
select row_number() over () - 1 as i, *
from (values
    (101, 'TENT-2P', 'Two-person tent', 'Camping', 249.00), (102, 'TENT-4P', 'Family tent', 'Camping', 429.00),
    (103, 'BAG-SUMMER', 'Summer sleeping bag', 'Camping', 89.90), (104, 'BAG-WINTER', 'Winter sleeping bag', 'Camping', 219.00),
    (105, 'MAT-AIR', 'Air mat', 'Camping', 74.50), (106, 'STOVE-GAS', 'Gas stove', 'Cooking', 54.00),
    (107, 'POT-SET', 'Pot set', 'Cooking', 39.95), (108, 'MUG-STEEL', 'Steel mug', 'Cooking', 12.50),
    (109, 'BOTTLE-1L', 'Water bottle 1 l', 'Cooking', 19.95), (110, 'KNIFE-FOLD', 'Folding knife', 'Tools', 45.00),
    (111, 'LAMP-HEAD', 'Head torch', 'Tools', 34.90), (112, 'ROPE-20M', 'Rope 20 m', 'Tools', 59.00),
    (113, 'COMPASS', 'Compass', 'Tools', 27.50), (114, 'PACK-25', 'Day pack 25 l', 'Packs', 79.00),
    (115, 'PACK-60', 'Trekking pack 60 l', 'Packs', 189.00), (116, 'JACKET-RAIN', 'Rain jacket', 'Clothing', 149.00),
    (117, 'JACKET-DOWN', 'Down jacket', 'Clothing', 239.00), (118, 'FLEECE', 'Fleece', 'Clothing', 69.00),
    (119, 'SOCKS-WOOL', 'Wool socks', 'Clothing', 17.90), (120, 'HAT-WOOL', 'Wool hat', 'Clothing', 24.90),
    (121, 'BOOT-LOW', 'Trail shoe', 'Footwear', 119.00), (122, 'BOOT-HIGH', 'Hiking boot', 'Footwear', 199.00),
    (123, 'GAITERS', 'Gaiters', 'Footwear', 42.00), (124, 'MAP-SET', 'Map set', 'Books', 29.00)
) as t(product_id, sku, name, category, price);

create temp table pages as
select row_number() over () - 1 as i, *
from (values
    ('/', 'Home', 'Landing', 'Fjord & Field'), ('/tents', 'Tents', 'Category', 'Tents | Fjord & Field'),
    ('/packs', 'Packs', 'Category', 'Packs | Fjord & Field'), ('/clothing', 'Clothing', 'Category', 'Clothing | Fjord & Field'),
    ('/products/tent-2p', 'Two-person tent', 'Product', 'Two-person tent | Fjord & Field'),
    ('/products/pack-60', 'Trekking pack 60 l', 'Product', 'Trekking pack 60 l | Fjord & Field'),
    ('/products/jacket-rain', 'Rain jacket', 'Product', 'Rain jacket | Fjord & Field'),
    ('/search', 'Search', 'Search', 'Search | Fjord & Field'), ('/cart', 'Cart', 'Checkout', 'Cart | Fjord & Field'),
    ('/checkout', 'Checkout', 'Checkout', 'Checkout | Fjord & Field'), ('/guides/packing', 'Packing list', 'Guide', 'What to pack | Fjord & Field'),
    ('/account', 'Account', 'Account', 'Your account | Fjord & Field')
) as t(path, name, category, title);

create temp table campaigns as
select row_number() over () - 1 as i, *
from (values
    ('Summer sale', 'google', 'cpc', 'two person tent', 'headline-a'), ('Summer sale', 'google', 'cpc', 'rain jacket', 'headline-b'),
    ('Midsummer', 'newsletter', 'email', null, 'hero'), ('Midsummer', 'newsletter', 'email', null, 'footer'),
    ('Trail stories', 'instagram', 'social', null, 'reel-03'), ('Partner week', 'mountain-blog', 'referral', null, 'sidebar')
) as t(name, source, medium, term, content);

create temp table browsers as
select row_number() over () - 1 as i, *
from (values
    ('Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/137.0.0.0 Safari/537.36', 1920, 1080, 1.0),
    ('Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15', 1512, 982, 2.0),
    ('Mozilla/5.0 (X11; Linux x86_64; rv:139.0) Gecko/20100101 Firefox/139.0', 2560, 1440, 1.25),
    ('Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1', 393, 852, 3.0),
    ('Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/137.0.0.0 Mobile Safari/537.36', 412, 915, 2.625)
) as t(user_agent, width, height, density);

create temp table devices as
select row_number() over () - 1 as i, *
from (values
    ('Apple', 'iPhone17,1', 'iPhone', 'ios', 'iOS', '18.5', 402, 874, 3.0), ('Apple', 'iPhone14,5', 'iPhone', 'ios', 'iOS', '17.7.2', 390, 844, 3.0),
    ('Apple', 'iPad14,1', 'iPad', 'ios', 'iPadOS', '18.5', 744, 1133, 2.0), ('Google', 'Pixel 9', 'Pixel', 'android', 'Android', '15', 412, 915, 2.625),
    ('Samsung', 'SM-S931B', 'Galaxy', 'android', 'Android', '15', 360, 780, 3.0), ('Fairphone', 'FP5', 'Fairphone', 'android', 'Android', '14', 411, 914, 2.625)
) as t(manufacturer, model, nickname, device_type, os_name, os_version, width, height, density);
