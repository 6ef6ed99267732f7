-- 29,988 page views; twelve more come from dirty_rows.sql. Two in five visitors are not signed in.

create temp table visits as
select
    n,
    case when roll('signed in', n, 100) < 60 then 1 + roll_skewed('viewer', n, 1993) end as customer,
    roll_skewed('visitor', n, 9000) as visitor,
    case when roll('from campaign', n, 100) < 30 then roll('campaign', n, 6) end as campaign
from range(1, 29989) as views(n);

create table page_views as
select
    'pv_' || lpad(n::VARCHAR, 6, '0') as view_id,
    customer_id_of(customer) as user_id,
    coalesce(anonymous_id_of(customer), made_uuid('visitor', visitor))::VARCHAR as anonymous_id,
    company_of(customer) as company_id,
    moment('view', n) at time zone 'UTC' as viewed_at,
    p.name as page_name,
    p.category as page_category,
    p.path,
    p.title,
    case
        when p.path = '/search' then '?q=' || ['tent', 'rain+jacket', 'boots', 'stove'][1 + roll('query', n, 4)]
        when campaign is not null then '?utm_source=' || g.source || '&utm_medium=' || g.medium
    end as search,
    case
        when campaign is null and roll('referrer', n, 100) < 35 then 'https://www.example.org/search'
        when g.medium = 'referral' then 'https://mountain-blog.example.org/'
    end as referrer,
    g.name as utm_campaign,
    g.source as utm_source,
    g.medium as utm_medium,
    g.term as utm_term,
    g.content as utm_content,
    ip_of(coalesce(customer, visitor + 5000)) as ip_address,
    b.user_agent,
    c.locale,
    c.timezone,
    b.width::INTEGER as screen_width,
    b.height::INTEGER as screen_height,
    b.density::DOUBLE as pixel_ratio,
    ((30 + roll_skewed('seconds', n, 6000)) / 10)::DECIMAL(7, 1) as seconds_on_page,
    roll('scroll', n, 101)::INTEGER as scrolled_percent,
    to_json({checkout: ['a', 'b'][1 + roll('experiment', coalesce(customer, visitor), 2)]}) as experiments,
    opted_in('ads', coalesce(customer, visitor + 5000)) as ads_opt_in,
    opted_in('analytics', coalesce(customer, visitor + 5000)) as analytics_opt_in
from visits
join pages p on p.i = roll_skewed('page', n, 12)
left join campaigns g on g.i = campaign
join browsers b on b.i = roll('browser', coalesce(customer, visitor + 5000), 5)
join cities c on c.i = city_of(coalesce(customer, visitor + 5000))
order by n;
