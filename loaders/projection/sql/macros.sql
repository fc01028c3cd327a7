-- What every query of this folder may use. Times are local (UTC+8, no summer time since 1991), money counts
-- 1/100,000, an empty list is no property.
CREATE OR REPLACE TEMP MACRO local_time(instant) AS make_timestamp(epoch_us(instant) + 28800000000);
CREATE OR REPLACE TEMP MACRO filled(list) AS CASE WHEN len(list) > 0 THEN list END;
CREATE OR REPLACE TEMP MACRO part_of(part, whole) AS round(CAST(part AS DOUBLE) / CAST(whole AS DOUBLE), 6);

-- Masks. A mask is a function of the normal form, so that it does not matter which spelling it is made from.
CREATE OR REPLACE TEMP MACRO bare(raw) AS
    upper(regexp_replace(translate(raw, '０１２３４５６７８９Ｘｘ', '0123456789XX'), '[^0-9A-Za-z]', '', 'g'));
CREATE OR REPLACE TEMP MACRO mask_ends(text, front, back) AS
    CASE
        WHEN length(text) >= 2 * (front + back) - 4
            THEN left(text, front) || repeat('*', length(text) - front - back) || right(text, back)
        ELSE '***'
    END;
CREATE OR REPLACE TEMP MACRO mask_number(raw) AS mask_ends(bare(raw), 3, 2);
CREATE OR REPLACE TEMP MACRO mask_phone(raw) AS mask_ends(regexp_replace(bare(raw), '^(00)?86(1[0-9]{10})', '\2'), 3, 4);
CREATE OR REPLACE TEMP MACRO mask_bank(raw) AS mask_ends(bare(raw), 0, 4);
CREATE OR REPLACE TEMP MACRO mask_name(raw) AS
    CASE WHEN length(trim(raw)) > 1 THEN upper(left(trim(raw), 1)) || '**' ELSE '**' END;
CREATE OR REPLACE TEMP MACRO district_of(raw) AS
    nullif(regexp_extract(
        regexp_replace(raw, '[\s　,，]+', '', 'g'),
        '^(?:中国)?((?:[^省市区县]{2,8}(?:省|自治区))?(?:[^省市区县]{1,10}(?:市|自治州|地区|盟))?(?:[^省市区县]{1,8}(?:区|县|旗|市))?)',
        1
    ), '');
CREATE OR REPLACE TEMP MACRO place_of(raw) AS
    CASE
        WHEN regexp_matches(raw, '快递柜|智能柜|自提柜|丰巢|驿站|自提点|代收点') THEN 'locker'
        WHEN regexp_matches(raw, '宿舍|学生公寓|员工公寓') THEN 'dormitory'
        WHEN regexp_matches(raw, '写字楼|大厦|商务中心|科技园|产业园') THEN 'office'
    END;
CREATE OR REPLACE TEMP MACRO birth_year_of(raw) AS
    CASE
        WHEN regexp_full_match(bare(raw), '[0-9]{6}(19|20)[0-9]{9}[0-9X]') THEN CAST(substr(bare(raw), 7, 4) AS BIGINT)
        WHEN regexp_full_match(bare(raw), '[0-9]{15}') THEN 1900 + CAST(substr(bare(raw), 7, 2) AS BIGINT)
    END
