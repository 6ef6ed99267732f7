"""The contract: the only dependable error channel, since the API answers 200 to nearly all."""

from segment_assets.contract.contract import Checked, Contract, encode

__all__ = ["Checked", "Contract", "encode"]
