-- 19,990 orders, 400 of them drafts; ten more come from dirty_rows.sql.
-- `ordered_at` is the shop's own wall clock (Oslo) and has no zone: the model says which it is.

create temp table order_lines as
select
    n, line, p.product_id, p.sku, p.name, p.price,
    case when p.price < 60 then 1 + roll('quantity' || line, n, 3) else 1 end::INTEGER as quantity
from range(1, 19991) as orders(n)
cross join range(4) as lines(line)
-- 7 and 24 share no divisor: the lines of one order are different products.
join products p on p.i = (roll('product', n, 24) + 7 * line) % 24
where line < 1 + roll('lines', n, 4);

create temp table order_totals as
select
    n,
    list(product_id order by line)::INTEGER[] as product_ids,
    to_json(list({product_id: product_id, sku: sku, name: name, price: price, quantity: quantity} order by line)) as products,
    sum(quantity)::INTEGER as item_count,
    sum(price * quantity)::DECIMAL(10, 2) as subtotal
from order_lines
group by n;

create temp table buyers as
select
    n,
    case when roll('guest', n, 100) >= 12 then 1 + roll_skewed('buyer', n, 1993) end as customer,
    case
        when n % 50 = 7 then 'draft'
        when roll('status', n, 100) < 4 then 'refunded'
        when roll('status', n, 100) < 7 then 'cancelled'
        else 'completed'
    end as status,
    case when roll('coupon', n, 100) < 9 then 'MIDSUMMER10' end as coupon
from range(1, 19991) as orders(n);

create table orders as
select
    'ord_' || lpad(n::VARCHAR, 6, '0') as order_id,
    customer_id_of(customer) as customer_id,
    coalesce(anonymous_id_of(customer), made_uuid('guest', n)) as anonymous_id,
    case when roll('for company', n, 100) < 40 then company_of(customer) end as company_id,
    status,
    moment('order', n) as ordered_at,
    (moment('order', n) + to_days(2 + roll('delivery', n, 6)::INTEGER))::DATE as delivery_on,
    'EUR' as currency,
    subtotal,
    case when coupon is null then 0 else subtotal * 0.10 end::DECIMAL(10, 2) as discount,
    case when subtotal >= 100 then 0 else 7.90 end::DECIMAL(10, 2) as shipping,
    (subtotal * 0.20)::DECIMAL(10, 2) as tax,
    (subtotal - case when coupon is null then 0 else subtotal * 0.10 end::DECIMAL(10, 2)
        + case when subtotal >= 100 then 0 else 7.90 end)::DECIMAL(10, 2) as total,
    coupon,
    item_count,
    product_ids,
    products,
    roll('gift', n, 100) < 6 as is_gift,
    ip_of(coalesce(customer, n)) as ip_address,
    b.user_agent,
    opted_in('ads', customer) as ads_opt_in,
    opted_in('analytics', customer) as analytics_opt_in
from buyers
join order_totals using (n)
join browsers b on b.i = roll('browser', coalesce(customer, n), 5)
order by n;
