-- What a real warehouse holds too. Every row below is one that must be refused, held or collapsed;
-- shop.PLANTED counts them by reason code.

-- Customers: no key (twice), one key for two people, the same row twice, keys that stand for
-- nothing, and a support log far over the 32 KB of one call.
insert into customers select * replace (null as customer_id) from customers where customer_id = 'cus_00410';
insert into customers select * replace ('' as customer_id) from customers where customer_id = 'cus_00411';
insert into customers select * replace ('other.person@example.com' as email) from customers where customer_id = 'cus_00612';
insert into customers select * from customers where customer_id = 'cus_00777';
insert into customers select * replace ('null' as customer_id) from customers where customer_id = 'cus_01020';
insert into customers select * replace ('undefined' as customer_id) from customers where customer_id = 'cus_01021';
insert into customers
select * replace ('cus_90001' as customer_id, repeat('Customer called again. ', 2000) as support_notes)
from customers where customer_id = 'cus_01500';

-- Companies: nobody to speak for it, an owner called "none", no key.
insert into companies select * replace (1148 as company_id, null as owner_id) from companies where company_id = 1010;
insert into companies select * replace (1149 as company_id, 'none' as owner_id) from companies where company_id = 1020;
insert into companies select * replace (null as company_id) from companies where company_id = 1030;

-- Orders: nobody's (4), ids that an export through floats turned into "NaN" (3), no key, one key
-- for two orders, the same row twice.
insert into orders
select * replace ('ord_09000' || row_number() over (order by order_id) as order_id, null as customer_id, null as anonymous_id)
from (from orders where status = 'completed' order by order_id limit 4);
insert into orders
select * replace ('ord_09001' || row_number() over (order by order_id) as order_id, 'NaN' as customer_id)
from (from orders where status = 'completed' order by order_id limit 3);
insert into orders select * replace (null as order_id, 'completed' as status) from orders where order_id = 'ord_004000';
insert into orders select * replace (total + 10 as total) from orders where order_id = 'ord_008001';
insert into orders select * from orders where order_id = 'ord_012002';

-- Page views: a visitor without any id (6), a cookie that holds the word "undefined" (4), a whole
-- document pasted into the search box, the same row twice.
insert into page_views
select * replace ('pv_90000' || row_number() over (order by view_id) as view_id, null as user_id, '' as anonymous_id)
from (from page_views order by view_id limit 6);
insert into page_views
select * replace ('pv_90001' || row_number() over (order by view_id) as view_id, null as user_id, 'undefined' as anonymous_id)
from (from page_views order by view_id limit 4);
insert into page_views
select * replace ('pv_900020' as view_id, '?q=' || repeat('Dear shop, ', 4000) as search)
from page_views where view_id = 'pv_000100';
insert into page_views select * from page_views where view_id = 'pv_015000';

-- Screen views: times that are none (3), no id (3), the word "null" as id (2).
insert into screen_views
select s.* replace (7301444400000090000 + n as view_id, bad as seen_at)
from (values (1, 'yesterday'), (2, '31/05/2026 14:22'), (3, '0000-00-00 00:00:00')) as t(n, bad)
join screen_views s on s.view_id = 7301444400000000000 + n;
insert into screen_views
select * replace (view_id + 91000 as view_id, null as user_id, null as anonymous_id)
from screen_views where view_id between 7301444400000000011 and 7301444400000000013;
insert into screen_views
select * replace (view_id + 92000 as view_id, 'null' as user_id)
from screen_views where view_id between 7301444400000000021 and 7301444400000000022;
