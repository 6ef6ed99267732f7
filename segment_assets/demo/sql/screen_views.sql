-- 9,992 screen views of the app; eight more come from dirty_rows.sql. The app writes its own times,
-- as text with an offset, and its own ids, which are too long for a JavaScript number.

create temp table app_users as
select
    n, customer, roll('device', customer, 6) as device, roll('on wifi', n, 100) < 65 as is_wifi
from (select n, 1 + roll_skewed('app user', n, 1993) as customer from range(1, 9993) as views(n));

create table screen_views as
select
    7301444400000000000 + n as view_id,
    case when roll('app sign in', n, 100) < 80 then customer_id_of(customer) end as user_id,
    anonymous_id_of(customer)::VARCHAR as anonymous_id,
    company_of(customer) as company_id,
    strftime(moment('screen', n), '%Y-%m-%dT%H:%M:%S') || '+02:00' as seen_at,
    ['Home', 'Search', 'Product', 'Cart', 'Orders', 'Profile', 'Store map'][1 + roll_skewed('screen', n, 7)] as screen_name,
    ['4.2.0', '4.2.1', '4.3.0'][1 + roll('app', customer, 3)] as app_version,
    ['420', '421', '430'][1 + roll('app', customer, 3)] as app_build,
    made_uuid('device', customer)::VARCHAR as device_id,
    case when opted_in('ads', customer) then made_uuid('advertising', customer)::VARCHAR end as advertising_id,
    coalesce(opted_in('ads', customer), false) as ad_tracking,
    d.manufacturer,
    d.model,
    f.name || '''s ' || d.nickname as device_name,
    d.device_type,
    case when roll('push', customer, 100) < 70 then md5('push ' || made_uuid('push', customer)) end as push_token,
    is_wifi,
    not is_wifi as is_cellular,
    roll('bluetooth', n, 100) < 40 as is_bluetooth,
    ['Telenor', 'Telia', 'Vodafone', 'Orange'][1 + roll('carrier', customer, 4)] as carrier,
    d.os_name,
    d.os_version,
    d.width::INTEGER as width,
    d.height::INTEGER as height,
    d.density::DOUBLE as density,
    c.city,
    c.country,
    round(c.latitude + (roll('screen north', n, 800) - 400) / 10000, 4) as latitude,
    round(c.longitude + (roll('screen east', n, 800) - 400) / 10000, 4) as longitude,
    case when not is_wifi then roll('speed', n, 140) / 10 end as speed,
    c.locale,
    c.timezone,
    opted_in('ads', customer) as ads_opt_in,
    opted_in('analytics', customer) as analytics_opt_in
from app_users
join devices d on d.i = device
join cities c on c.i = city_of(customer)
join first_names f on f.i = roll('first', customer, 40)
order by n;
