-- 1,993 customers; seven more come from dirty_rows.sql. `lifetime_value` is what they really bought.

create temp table spent as
select customer_id, sum(total) as total, count(*) as orders
from orders
where status = 'completed'
group by customer_id;

create table customers as
select
    customer_id_of(n) as customer_id,
    anonymous_id_of(n) as anonymous_id,
    lower(regexp_replace(
        strip_accents(translate(f.name || '.' || l.name, 'ØøŁł', 'OoLl')), '[^A-Za-z.]', '', 'g'
    )) || n || '@example.com' as email,
    f.name as first_name,
    l.name as last_name,
    case c.country
        when 'United States' then '+1 212 555 01' || lpad(roll('phone', n, 100)::VARCHAR, 2, '0')
        when 'United Kingdom' then '+44 20 7946 0' || lpad(roll('phone', n, 1000)::VARCHAR, 3, '0')
    end as phone,
    case when roll('birthday known', n, 100) < 70
        then DATE '1955-01-01' + roll('birthday', n, 18600)::INTEGER end as born_on,
    (1 + roll('house', n, 180)) || ' ' || c.street as street,
    c.city,
    c.state,
    c.postal_start || lpad(roll('postal', n, 10 ** c.postal_digits)::BIGINT::VARCHAR, c.postal_digits, '0')
        || c.postal_end as postal_code,
    c.country,
    round(c.latitude + (roll('north', n, 800) - 400) / 10000, 4) as latitude,
    round(c.longitude + (roll('east', n, 800) - 400) / 10000, 4) as longitude,
    c.timezone,
    c.locale,
    company_of(n) as company_id,
    case when roll('plan', n, 100) < 60 then 'basic' when roll('plan', n, 100) < 88 then 'plus' else 'pro' end as plan,
    coalesce(s.total, 0)::DECIMAL(12, 2) as lifetime_value,
    coalesce(s.orders, 0)::INTEGER as order_count,
    roll('subscribed', n, 100) < 55 as is_subscribed,
    to_json({
        newsletter: case when roll('subscribed', n, 100) < 55 then 'weekly' end,
        favourites: [p.category, 'Books'],
        boot_size: 36 + roll('size', n, 22) / 2
    }) as preferences,
    case when roll('notes', n, 100) < 4 then 'Called about delivery, solved at once.' end as support_notes,
    ip_of(n) as last_ip,
    opted_in('ads', n) as ads_opt_in,
    opted_in('analytics', n) as analytics_opt_in,
    (moment('customer', n) - to_days(roll('member since', n, 1400)::INTEGER))::DATE as member_since,
    moment('customer', n) at time zone 'UTC' as updated_at
from range(1, 1994) as customers(n)
join cities c on c.i = city_of(n)
join first_names f on f.i = roll('first', n, 40)
join last_names l on l.i = roll('last', n, 40)
join products p on p.i = roll('favourite', n, 23)
left join spent s on s.customer_id = customer_id_of(n)
order by n;
