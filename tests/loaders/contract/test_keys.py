"""Keys of persons and their normal forms."""

import hashlib
import stat
from base64 import b32encode
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pyarrow as pa
import pytest

from loaders.contract import Keys, normalise
from loaders.errors import BadInputError, NotFoundError

SECRET = bytes(range(32))


@pytest.mark.parametrize(
    ("kind", "written", "form"),
    [
        ("id", "11010519491231002x", "1:11010519491231002X"),
        ("id", " 1101 0519 4912 3100 2X", "1:11010519491231002X"),
        ("id", "1:１１０１０５１９４９１２３１００２ｘ", "1:11010519491231002X"),
        ("id", "2:e-1234 5678", "2:E12345678"),
        ("name", "阿·买 提", "阿买提"),
        ("name", "Ｌｉ　Ming", "LIMING"),
        ("phone", "13812345678", "13812345678"),
        ("phone", "+86 138-1234-5678", "13812345678"),
        ("phone", "0086 13812345678", "13812345678"),
        ("phone", "8613812345678", "13812345678"),
        ("phone", "１３８１２３４５６７８", "13812345678"),
        ("phone", "13812345678转123", "13812345678x"),
        ("phone", "13812345678,1234", "13812345678x"),
        ("phone", "13812345678-1234", "13812345678x"),
        ("phone", "010-65123456", "01065123456"),
        ("phone", "(0571)87654321-801", "057187654321x"),
        ("phone", "+852 9123 4567", "+85291234567"),
        ("phone", "00852 91234567", "+85291234567"),
        ("bank", "6217 8501-0000 7893905", "6217850100007893905"),
        ("account", "44069679AS|User 1", "44069679AS|User1"),
        (
            "address",
            "浙江省 杭州市，西湖区文三路１号３幢２单元５０１室",
            "浙江省杭州市西湖区文三路1号3栋2-501",
        ),
        ("address", "浙江省杭州市西湖区文三路1号3号楼2单元501", "浙江省杭州市西湖区文三路1号3栋2-501"),
        ("address", "中国浙江省杭州市西湖区文三路1号 3-2-501", "浙江省杭州市西湖区文三路1号3栋2-501"),
        ("building", "浙江省杭州市西湖区文三路1号3幢2单元501室", "浙江省杭州市西湖区文三路1号3栋"),
        ("building", "浙江省杭州市西湖区文三路1号 3-2-502", "浙江省杭州市西湖区文三路1号3栋"),
        ("building", "北京市海淀区中关村大街27号B座1203", "北京市海淀区中关村大街27号B栋"),
        ("building", "文三路1号501室", "文三路1号"),
        ("building", "阳光小区3栋2单元501号", "阳光小区3栋"),
        ("building", "文三路", "文三路"),
    ],
)
def test_a_value_is_the_same_however_it_was_typed(kind: str, written: str, form: str) -> None:
    assert normalise(kind, written) == form


def test_hyphens_between_numbers_keep_units_apart() -> None:
    assert normalise("address", "阳光小区1-23") != normalise("address", "阳光小区12-3")


def test_a_key_is_the_documented_hash() -> None:
    digest = hashlib.blake2b(b"1:11010519491231002X", digest_size=20, key=SECRET, person=b"cg:id").digest()
    key = Keys(SECRET).key_of("id", "11010519491231002x")
    assert key == b32encode(digest).decode().lower()
    assert len(key) == 32


def test_kinds_and_secrets_keep_keys_apart() -> None:
    keys = Keys(SECRET)
    assert keys.key("phone", "13812345678") != keys.key("bank", "13812345678")
    assert keys.key("phone", "13812345678") != Keys(bytes(32)).key("phone", "13812345678")
    assert keys.key_id != Keys(bytes(32)).key_id


def test_a_building_is_an_address() -> None:
    keys = Keys(SECRET)
    assert keys.key_of("building", "文三路1号3栋2-501") == keys.key_of("address", "文三路1号3号楼")


def test_a_column_is_keyed_as_its_values_are_and_blanks_stay_empty() -> None:
    keys = Keys(SECRET)
    raw = pa.chunked_array([["王 芳", None, "·", "王\n芳"], ["李\u2028强", "王芳"]])
    wanted = [keys.key_of("name", "王芳"), None, None, keys.key_of("name", "王芳")]
    wanted += [keys.key_of("name", "李强"), keys.key_of("name", "王芳")]
    assert keys.column("name", raw).to_pylist() == wanted
    # Remembered values give the same keys again.
    assert keys.column("name", raw).to_pylist() == wanted


def test_values_seen_before_and_new_ones_are_keyed_alike() -> None:
    keys, fresh = Keys(SECRET), Keys(SECRET)
    first = pa.array([f"1:{n}" for n in range(500)])
    second = pa.array([f"1:{n}" for n in range(300, 900)])
    keys.column("id", first)
    assert keys.column("id", second).equals(fresh.column("id", second))


def test_the_secret_is_made_once_and_for_its_owner(tmp_path: Path) -> None:
    path = tmp_path / "data" / "key"
    with ThreadPoolExecutor(8) as pool:
        made = {keys.key_id for keys in pool.map(lambda _: Keys.open(path), range(8))}
    assert len(made) == 1
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [p.name for p in path.parent.iterdir()] == ["key"]


def test_what_is_no_secret_is_said(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="no key"):
        Keys.open(tmp_path / "key", create=False)
    (tmp_path / "key").write_bytes(b"short")
    with pytest.raises(BadInputError, match="not a key"):
        Keys.open(tmp_path / "key")
    with pytest.raises(NotFoundError, match="no kind of key"):
        normalise("email", "a@b")
