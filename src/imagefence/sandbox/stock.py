"""What the vendor offers to every account: regions, zones, instance types and stock images."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache

from imagefence.sandbox.compute import Image, ImageDisk

DEFAULT_REGION = "cn-hangzhou"


@dataclass(frozen=True, slots=True)
class StockRegion:
    """A region with the letters of its zones; `code` stands at the head of the ids made in it."""

    id: str
    local_name: str
    zone_letters: str
    code: str

    @property
    def zones(self) -> tuple[str, ...]:
        """The ids of its zones: `cn-hangzhou-h`, `ap-southeast-1a`."""
        hyphen = "" if self.id[-1].isdigit() else "-"
        return tuple(f"{self.id}{hyphen}{letter}" for letter in self.zone_letters)

    @property
    def endpoint(self) -> str:
        """Its public ECS endpoint."""
        return f"ecs.{self.id}.aliyuncs.com"


REGIONS: dict[str, StockRegion] = {
    region.id: region
    for region in (
        StockRegion("cn-hangzhou", "华东1（杭州）", "hijk", "bp1"),
        StockRegion("cn-shanghai", "华东2（上海）", "befl", "uf6"),
        StockRegion("cn-beijing", "华北2（北京）", "fhkl", "2ze"),
        StockRegion("ap-southeast-1", "新加坡", "abc", "t4n"),
    )
}
ENGLISH_NAMES = {
    "cn-hangzhou": "China (Hangzhou)",
    "cn-shanghai": "China (Shanghai)",
    "cn-beijing": "China (Beijing)",
    "ap-southeast-1": "Singapore",
}


@dataclass(frozen=True, slots=True)
class StockType:
    """An instance type."""

    id: str
    cores: int
    memory_gib: float
    category: str
    architecture: str = "X86"
    gpus: int = 0
    gpu_spec: str = ""

    @property
    def family(self) -> str:
        """`ecs.g7` of `ecs.g7.large`."""
        return self.id.rpartition(".")[0]


SIZES = (("large", 2), ("xlarge", 4), ("2xlarge", 8), ("4xlarge", 16))
FAMILIES = (
    ("ecs.c6", 2, "Compute-optimized", "X86"),
    ("ecs.c7", 2, "Compute-optimized", "X86"),
    ("ecs.g6", 4, "General-purpose", "X86"),
    ("ecs.g7", 4, "General-purpose", "X86"),
    ("ecs.g8i", 4, "General-purpose", "X86"),
    ("ecs.g8y", 4, "General-purpose", "ARM"),
    ("ecs.r6", 8, "Memory-optimized", "X86"),
    ("ecs.r7", 8, "Memory-optimized", "X86"),
)
TYPES: dict[str, StockType] = {
    kind.id: kind
    for kind in (
        StockType("ecs.t6-c1m1.large", 2, 2.0, "Burstable"),
        StockType("ecs.t6-c1m2.large", 2, 4.0, "Burstable"),
        StockType("ecs.e-c1m1.large", 2, 2.0, "Shared"),
        StockType("ecs.e-c1m2.large", 2, 4.0, "Shared"),
        *(
            StockType(f"{family}.{size}", cores, float(cores * ratio), category, architecture)
            for family, ratio, category, architecture in FAMILIES
            for size, cores in SIZES
        ),
        StockType("ecs.gn6i-c4g1.xlarge", 4, 15.0, "GPU-accelerated", "X86", 1, "NVIDIA T4"),
    )
}

DISK_CATEGORIES = (
    "cloud_essd",
    "cloud_auto",
    "cloud_ssd",
    "cloud_efficiency",
    "cloud_essd_entry",
    "cloud",
)


@dataclass(frozen=True, slots=True)
class StockSystem:
    """A system that the vendor offers an image of."""

    image_id: str
    platform: str
    name: str
    family: str
    architecture: str = "x86_64"
    size_gib: int = 20


SYSTEMS = (
    StockSystem(
        "aliyun_3_x64_20G_alibase_20240528.vhd",
        "Aliyun",
        "Alibaba Cloud Linux 3.2104 LTS 64 bit",
        "acs:alibaba_cloud_linux_3_2104_lts_x64",
    ),
    StockSystem(
        "aliyun_3_arm64_20G_alibase_20240528.vhd",
        "Aliyun",
        "Alibaba Cloud Linux 3.2104 LTS 64 bit ARM",
        "acs:alibaba_cloud_linux_3_2104_lts_arm64",
        architecture="arm64",
    ),
    StockSystem(
        "aliyun_2_1903_x64_20G_alibase_20240628.vhd",
        "Aliyun",
        "Alibaba Cloud Linux 2.1903 LTS 64 bit",
        "acs:alibaba_cloud_linux_2_1903_lts_x64",
    ),
    StockSystem(
        "ubuntu_22_04_x64_20G_alibase_20240530.vhd", "Ubuntu", "Ubuntu 22.04 64 bit", "acs:ubuntu_22_04_x64"
    ),
    StockSystem(
        "ubuntu_20_04_x64_20G_alibase_20240530.vhd", "Ubuntu", "Ubuntu 20.04 64 bit", "acs:ubuntu_20_04_x64"
    ),
    StockSystem(
        "debian_12_5_x64_20G_alibase_20240530.vhd", "Debian", "Debian 12.5 64 bit", "acs:debian_12_5_x64"
    ),
    StockSystem(
        "centos_7_9_x64_20G_alibase_20240528.vhd", "CentOS", "CentOS 7.9 64 bit", "acs:centos_7_9_x64"
    ),
    StockSystem(
        "rockylinux_9_4_x64_20G_alibase_20240528.vhd",
        "Rocky Linux",
        "Rocky Linux 9.4 64 bit",
        "acs:rockylinux_9_4_x64",
    ),
    StockSystem(
        "almalinux_9_4_x64_20G_alibase_20240528.vhd",
        "AlmaLinux",
        "AlmaLinux 9.4 64 bit",
        "acs:almalinux_9_4_x64",
    ),
    StockSystem(
        "win2022_21H2_x64_dtc_en-us_40G_alibase_20240516.vhd",
        "Windows Server 2022",
        "Windows Server 2022 Datacenter 64 bit English",
        "acs:windows_2022_dtc_en-us_x64",
        size_gib=40,
    ),
    StockSystem(
        "win2019_1809_x64_dtc_en-us_40G_alibase_20240516.vhd",
        "Windows Server 2019",
        "Windows Server 2019 Datacenter 64 bit English",
        "acs:windows_2019_dtc_en-us_x64",
        size_gib=40,
    ),
)


@cache
def stock_images(region_id: str) -> dict[str, Image]:
    """The vendor's images in a region, by id; nothing ever changes them."""
    return {system.image_id: stock_image(region_id, system) for system in SYSTEMS}


def stock_image(region_id: str, system: StockSystem) -> Image:
    """One of the vendor's images; its day of creation stands in its id."""
    day = system.image_id.rpartition("_")[2].removesuffix(".vhd")
    windows = system.platform.startswith("Windows")
    return Image(
        id=system.image_id,
        owner="",
        region_id=region_id,
        created=datetime.strptime(day, "%Y%m%d").replace(tzinfo=UTC),
        name=system.image_id,
        source="System",
        public=True,
        platform=system.platform,
        os_type="windows" if windows else "linux",
        os_name=system.name,
        architecture=system.architecture,
        family=system.family,
        version=day,
        size_gib=system.size_gib,
        disks=(ImageDisk("/dev/xvda", system.size_gib),),
        login_as_non_root=not windows,
    )
