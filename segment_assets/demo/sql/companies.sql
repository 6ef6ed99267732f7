-- 147 companies; three more come from dirty_rows.sql. One column has the name a spreadsheet gave it.

create table companies as
select
    1000 + n as company_id,
    ['Nordlys', 'Blue Heron', 'Lindgren', 'Harbour', 'Granite', 'Juniper', 'Old Mill', 'Meridian',
     'Silverbirch', 'Kestrel', 'Copperfield', 'Saltwater', 'Northgate', 'Ember', 'Larkspur'][1 + n % 15]
        || ' ' || ['Bakery', 'Architects', 'Logistics', 'Studios', 'Brewing', 'Dental', 'Robotics',
                   'Travel', 'Analytics', 'Media'][1 + n // 15] as name,
    ['Food', 'Construction', 'Transport', 'Design', 'Food', 'Health', 'Manufacturing',
     'Travel', 'Software', 'Media'][1 + n // 15] as industry,
    'company-' || (1000 + n) || '.example.net' as domain,
    ['free', 'team', 'business', 'enterprise'][1 + roll('company plan', n, 4)] as plan,
    (3 + roll_skewed('employees', n, 900))::INTEGER as employees,
    ((3 + roll_skewed('employees', n, 900)) * (60000 + roll('per head', n, 90000)) + 0.50)::DECIMAL(14, 2)
        as "Revenue p.a. (USD)",
    DATE '1960-01-01' + roll('founded', n, 23000)::INTEGER as founded_on,
    roll('company plan', n, 4) > 0 as is_paying,
    customer_id_of(13 * n) as owner_id,
    c.city,
    c.country,
    [5 + roll('q1', n, 10), 7 + roll('q2', n, 10), 9 + roll('q3', n, 10), 11 + roll('q4', n, 10)]::INTEGER[]
        as seats_by_quarter,
    moment('company', n) at time zone 'UTC' as updated_at
from range(1, 148) as companies(n)
join cities c on c.i = city_of(13 * n)
order by n;
