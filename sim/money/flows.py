"""Every flow of money: what is paid for, who may pay whom, its names in reports, and which sums it belongs to.

A new flow is a row of `Flow`: the ledger then takes it, and measures, reports and docs/flows.md find it by its groups.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class Account(StrEnum):
    """Classes of accounts, by the names under which results are stored."""

    label: str
    label_zh: str

    def __new__(cls, name: str, label: str, label_zh: str) -> Account:
        account = str.__new__(cls, name)
        account._value_, account.label, account.label_zh = name, label, label_zh
        return account

    HOUSEHOLDS = "households", "households", "家庭"
    ADVERTISERS = "advertisers", "advertisers", "广告主"
    CLIENTS = "clients", "clients", "委托方"
    PLATFORMS = "platforms", "platforms", "平台"
    CREATORS = "creators", "creators", "创作者"
    STUDIOS = "studios", "studios", "专业机构"
    FARMS = "farms", "AI producers", "AI生产者"
    WORKERS = "workers", "workers", "劳动者"
    FREELANCERS = "freelancers", "freelancers", "自由职业者"
    VENDORS = "vendors", "AI vendors", "AI供应商"
    RIGHTS_HOLDERS = "rights_holders", "rights holders", "版权方"
    MARKETPLACE = "marketplace", "marketplace for custom work", "接单平台"
    REGULATOR = "regulator", "regulator", "监管方"
    CAPITAL = "capital", "owners", "所有者"
    WORLD = "world", "other suppliers", "其他供应者"


class Group(StrEnum):
    """Sums to which flows belong; outcomes and reports are made of these."""

    PLATFORM_INCOME = "income of platforms"
    PRODUCER_PAY = "pay of producers by platforms"
    ITEM_COST = "cost of an item beside its maker's hours"
    MODEL_SALES = "sales of models"
    GRANTS = "grants"
    BACKGROUND = "left out of reports"  # the circle's way back, owners' stakes, custom work: they dwarf content's money


_MAKERS = (Account.CREATORS, Account.STUDIOS, Account.FARMS)


class Flow(StrEnum):
    """What is paid for, by the names under which results are stored.

    Attributes
    ----------
    label, label_zh : its name in reports.
    payers, payees : classes of accounts that may pay and be paid.
    amount : how much it is, for the docs.
    groups : sums to which it belongs.
    """

    label: str
    label_zh: str
    payers: tuple[Account, ...]
    payees: tuple[Account, ...]
    amount: str
    groups: tuple[Group, ...]

    def __new__(
        cls,
        name: str,
        label: str,
        label_zh: str,
        payers: Account | tuple[Account, ...],
        payees: Account | tuple[Account, ...],
        amount: str,
        *groups: Group,
    ) -> Flow:
        flow = str.__new__(cls, name)
        flow._value_, flow.label, flow.label_zh = name, label, label_zh
        flow.payers = payers if isinstance(payers, tuple) else (payers,)
        flow.payees = payees if isinstance(payees, tuple) else (payees,)
        flow.amount, flow.groups = amount, groups
        return flow

    # fmt: off
    # What platforms take in and pay out
    ADVERTISING = ("advertising", "Advertising", "广告", Account.ADVERTISERS, Account.PLATFORMS,
        "`A₀ (Q / Q₀)^advertising_elasticity` (`agents.platforms.ad_budget`), split by Q",
        Group.PLATFORM_INCOME)
    SUBSCRIPTIONS = ("subscriptions", "Subscriptions", "订阅", Account.HOUSEHOLDS, Account.PLATFORMS,
        "price times subscribers", Group.PLATFORM_INCOME)
    PROMOTION = ("promotion", "Slots bought", "推广位", _MAKERS, Account.PLATFORMS, "bids for slots",
        Group.PLATFORM_INCOME)
    PAYOUT = ("payout", "Payouts", "分成", Account.PLATFORMS, _MAKERS,
        "the payout part of advertising, by seconds (`money.ledger.split_pool`, largest remainder)",
        Group.PRODUCER_PAY)
    LICENCE = ("licence", "Licence fees", "版权授权费", Account.PLATFORMS, _MAKERS,
        "`money.licence` of subscriptions, by seconds, to whom `platforms.*.subscription_pays` names",
        Group.PRODUCER_PAY)
    REFERRALS = ("referral advertising", "Clicks on publishers' pages", "机构页面点击收入",
        Account.ADVERTISERS, Account.STUDIOS, "clicks through to publishers")
    REVIEW = ("review", "Review before publication", "发布前审核", Account.PLATFORMS, Account.WORKERS,
        "minutes of reviewers, as far as the platform's cash goes")
    ENTRY = ("entry", "Entry of platforms", "平台进入成本", Account.CAPITAL, Account.WORLD,
        "fixed cost of a platform that enters")

    # What items cost
    MODEL_FEE = ("model fee", "Model fees", "模型费", _MAKERS, Account.VENDORS,
        "fee of each assisted or generated item", Group.ITEM_COST, Group.MODEL_SALES)
    FARM_WAGES = ("farm wages", "Human minutes of AI producers", "AI生产者的人工", Account.FARMS, Account.WORKERS,
        "human minutes per item", Group.ITEM_COST)
    ACCOUNTS = ("accounts", "Accounts of AI producers", "AI生产者的账号成本", Account.FARMS, Account.WORLD,
        "accounts per item, and new ones in place of banned ones", Group.ITEM_COST)
    WAGES = ("wages", "Wages", "工资", Account.STUDIOS, Account.WORKERS,
        "hours of staff times pay, less where cash is short")

    # Models
    MODEL_SUBSCRIPTION = ("model subscription", "Subscriptions to models", "模型订阅费",
        (Account.CREATORS, Account.STUDIOS, Account.HOUSEHOLDS), Account.VENDORS,
        "price of a subscription, split over vendors by share of use times price", Group.MODEL_SALES)
    CUSTOM_WORK = ("custom work", "Tuned models", "定制模型", Account.STUDIOS, Account.VENDORS,
        "price of a tuned model, split in the same way", Group.MODEL_SALES)
    PUBLIC_COMPUTING = ("public computing", "Public computing", "公共算力补贴", Account.REGULATOR, Account.VENDORS,
        "the part of computing that the lever pays for")
    COMPUTE = ("compute", "Computing", "算力", Account.VENDORS, Account.WORLD, "marginal cost times use")
    RUNNING_COSTS = ("running costs", "Running costs", "运营成本", Account.VENDORS, Account.WORLD,
        "fixed cost of a vendor")
    RESEARCH = ("research", "Research", "研发", Account.VENDORS, Account.WORLD,
        "`vendors.research_share` of the margin over computing")
    DATA_LICENCE = ("data licence", "Data licences", "数据授权费", Account.VENDORS,
        (Account.STUDIOS, Account.RIGHTS_HOLDERS), "`vendors.licence_rate` of the income of whoever licenses")

    # Policy
    AUTOMATION_LEVY = ("automation levy", "Levy on automation", "自动化征费", Account.STUDIOS, Account.REGULATOR,
        "part of the pay of hours that AI saves")
    INDUSTRY_FUND = ("industry fund", "Industry fund", "产业基金", Account.REGULATOR,
        (Account.STUDIOS, Account.CREATORS), "half to studios by staff, half to active creators alike", Group.GRANTS)
    TRAINING_GRANT = ("training grant", "Training grants", "培训津贴", Account.REGULATOR, Account.WORKERS,
        "a sum for each worker in training", Group.GRANTS)
    TAXES = ("taxes", "Taxes", "税收", Account.HOUSEHOLDS, Account.REGULATOR,
        "what the regulator lacks", Group.BACKGROUND)
    TRANSFERS = ("transfers", "Transfers", "转移支付", Account.REGULATOR, Account.HOUSEHOLDS,
        "what the regulator has left", Group.BACKGROUND)

    # Custom work by freelancers
    BUDGETS = ("budgets", "Budgets of clients", "委托方预算", Account.WORLD, Account.CLIENTS,
        "what clients spend", Group.BACKGROUND)
    COMMISSIONS = ("commissions", "Commissions", "委托创作费", Account.CLIENTS, Account.FREELANCERS,
        "price of each commission", Group.BACKGROUND)
    MARKETPLACE_FEE = ("marketplace fee", "Fees of the marketplace", "接单平台佣金",
        Account.FREELANCERS, Account.MARKETPLACE, "`commissions.marketplace_fee` of commissions", Group.BACKGROUND)
    COMMISSION_FEE = ("commission fee", "Model fees of custom work", "委托创作的模型费",
        (Account.CLIENTS, Account.FREELANCERS), Account.VENDORS, "model fees of raw AI and of freelancers",
        Group.MODEL_SALES, Group.BACKGROUND)

    # Owners
    DIVIDENDS = ("dividends", "Dividends", "分红", (Account.PLATFORMS, Account.STUDIOS, Account.VENDORS),
        (Account.CAPITAL, Account.PLATFORMS), "an eighth of cash above 13 weeks' cost (`money.accounts.dividends`)")
    DRAW = ("draw", "Owners' draw", "所有者提取", (Account.FARMS, Account.MARKETPLACE), Account.CAPITAL,
        "all that is left", Group.BACKGROUND)
    EQUITY = ("equity", "Equity", "所有者注资", Account.CAPITAL, (Account.STUDIOS, Account.FARMS, Account.VENDORS),
        "13 weeks' wages of a studio that begins; means of a new vendor; losses of AI producers", Group.BACKGROUND)
    WRITE_OFF = ("write-off", "Debts written off", "核销的债务", Account.CAPITAL, Account.STUDIOS,
        "debt of a studio that closes", Group.BACKGROUND)
    LIQUIDATION = ("liquidation", "Liquidation", "清算所得", Account.STUDIOS, Account.CAPITAL,
        "what a closed studio earns later", Group.BACKGROUND)

    # The circle closes
    OWN_MONEY = ("own money", "Own money", "自有资金", Account.HOUSEHOLDS, (Account.CREATORS, Account.FREELANCERS),
        "what fees and bids take beyond income", Group.BACKGROUND)
    CONSUMPTION = ("consumption", "Consumption", "消费",
        (Account.CREATORS, Account.WORKERS, Account.FREELANCERS, Account.CAPITAL, Account.RIGHTS_HOLDERS,
         Account.HOUSEHOLDS), Account.WORLD, "all that people have left", Group.BACKGROUND)
    EARNINGS = ("earnings", "Earnings elsewhere", "其他收入", Account.WORLD, Account.HOUSEHOLDS,
        "what households lack", Group.BACKGROUND)
    SALES = ("sales", "Sales of advertisers", "广告主的销售", Account.WORLD, Account.ADVERTISERS,
        "what advertisers lack", Group.BACKGROUND)
    # fmt: on


Key = tuple[Flow, Account, Account]  # flow, payer, payee
FLOWS: Mapping[str, Flow] = {flow.value: flow for flow in Flow}  # by name
ACCOUNTS: Mapping[str, Account] = {account.value: account for account in Account}
_FLOWS, _ACCOUNTS = tuple(Flow), tuple(Account)


def flows_of(group: Group) -> tuple[Flow, ...]:
    """List the flows that belong to a group."""
    return tuple(flow for flow in Flow if group in flow.groups)


def paid_for(flows: Mapping[Key, int], group: Group, payer: Account) -> int:
    """Sum what a class of accounts paid in the flows of a group, in the unit of `flows`."""
    return sum(amount for (flow, paying, _), amount in flows.items() if paying == payer and group in flow.groups)


def number_of(key: Key) -> int:
    """Number a flow between two classes of accounts, so that a log of numbers can hold it."""
    flow, payer, payee = key
    n = len(_ACCOUNTS)
    return (_FLOWS.index(flow) * n + _ACCOUNTS.index(payer)) * n + _ACCOUNTS.index(payee)


def key_at(number: int) -> Key:
    """The flow and the two classes of accounts that a number stands for."""
    rest, payee = divmod(number, len(_ACCOUNTS))
    flow, payer = divmod(rest, len(_ACCOUNTS))
    return _FLOWS[flow], _ACCOUNTS[payer], _ACCOUNTS[payee]
