-- Chance that is not chance: every choice is a digit string of md5(seed, what for, row number), so
-- one seed gives one shop on every machine and every DuckDB. shop.py puts the seed in.
create temp macro roll(purpose, n, sides) as
    ('0x' || substr(md5('{seed}:' || purpose || ':' || n), 1, 8))::BIGINT % sides;

-- Few customers do much, most do little: the square of an even draw.
create temp macro roll_skewed(purpose, n, sides) as
    (roll(purpose, n, 1000000) * roll(purpose, n, 1000000) * sides) // 1000000000000;

create temp macro made_uuid(purpose, n) as
    md5('{seed}:' || purpose || ':' || n)::UUID;

-- In the 90 days before 30 June 2026, between 07:00 and 22:00, most often around 14:30.
create temp macro moment(purpose, n) as
    TIMESTAMP '2026-06-30' - to_days(1 + roll(purpose || ' day', n, 90)::INTEGER)
    + to_seconds(25200 + roll(purpose || ' hour', n, 27000) + roll(purpose || ' minute', n, 27000));

-- One customer is one number; what several tables say about a person comes from these.
create temp macro customer_id_of(n) as 'cus_' || lpad(n::VARCHAR, 5, '0');
create temp macro anonymous_id_of(n) as made_uuid('anonymous', n);
create temp macro city_of(n) as roll('city', n, 15);
create temp macro ip_of(n) as '203.0.113.' || (1 + roll('ip', n, 254));

-- Every 13th customer owns a company (147 of them); of the others, half belong to one.
create temp macro company_of(n) as
    case
        when n % 13 = 0 and n <= 147 * 13 then 1000 + n // 13
        when roll('employed', n, 100) < 50 then 1001 + roll('employer', n, 147)
    end::BIGINT;

-- Opted in: most; opted out: some; never asked (null): a few. A null is sent as false.
create temp macro opted_in(category, n) as
    case when roll(category, n, 100) < 3 then null else roll(category, n, 100) < 85 end;
