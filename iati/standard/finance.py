"""Money of an activity: budgets, planned disbursements, transactions, and what creditor systems report."""

from iati.standard.common import (
    AID_TYPE,
    AMOUNT,
    BARE_DECIMAL,
    BARE_TEXT,
    CODE,
    CODED,
    COUNTRY,
    CURRENCY,
    DAY,
    NAMES,
    NARRATIVES,
    ORGANISATION_TYPE,
    PERIOD,
    REGION_CODES,
    REGION_VOCABULARY,
    VALUE_DATE,
    VOCABULARY_URI,
)
from iati.standard.description import (
    FOREIGN,
    Shape,
    Type,
    attribute,
    by_vocabulary,
    many,
    one,
    optional,
    some,
)

GROUP = "finance"

SECTOR_CODES = by_vocabulary(default="Sector", v2="SectorCategory", v7="UNSDG-Goals", v8="UNSDG-Targets")
SECTOR_VOCABULARY = attribute("vocabulary", "List of sectors; 1 when absent.", codes="SectorVocabulary")

_ORG_REF = attribute("ref", "Identifier of the organisation.")
PROVIDER_ORG = Shape(
    name="ProviderOrg",
    group=GROUP,
    about="The organisation that the money comes from.",
    attributes=(
        _ORG_REF,
        attribute("provider-activity-id", "The activity of that organisation from which the money comes."),
        ORGANISATION_TYPE,
    ),
    children=(NAMES, FOREIGN),
)
RECEIVER_ORG = Shape(
    name="ReceiverOrg",
    group=GROUP,
    about="The organisation that the money goes to.",
    attributes=(
        _ORG_REF,
        attribute("receiver-activity-id", "The activity of that organisation to which the money goes."),
        ORGANISATION_TYPE,
    ),
    children=(NAMES, FOREIGN),
)

BUDGET = Shape(
    name="Budget",
    group=GROUP,
    about="What is to be spent in a period.",
    attributes=(
        attribute("type", "Original or revised; original when absent.", codes="BudgetType"),
        attribute("status", "Indicative or committed; indicative when absent.", codes="BudgetStatus"),
    ),
    children=(*PERIOD, AMOUNT, FOREIGN),
)
PLANNED_DISBURSEMENT = Shape(
    name="PlannedDisbursement",
    group=GROUP,
    about="A payment to another organisation that is planned for a period.",
    attributes=(attribute("type", "Original or revised; original when absent.", codes="BudgetType"),),
    children=(
        one("period-start", DAY, "First day of the period."),
        optional("period-end", DAY, "Last day of the period."),
        AMOUNT,
        optional("provider-org", PROVIDER_ORG, "Who is to pay."),
        optional("receiver-org", RECEIVER_ORG, "Who is to be paid."),
        FOREIGN,
    ),
)
CAPITAL_SPEND = Shape(
    name="CapitalSpend",
    group=GROUP,
    about="The share of the activity's cost that is investment.",
    attributes=(attribute("percentage", "The share in percent.", Type.DECIMAL, required=True),),
    children=(FOREIGN,),
)

BUDGET_ITEM = Shape(
    name="BudgetItem",
    group=GROUP,
    about="A line of the recipient country's budget.",
    attributes=(
        CODE,
        attribute("percentage", "Share of the activity's commitment that belongs to the line.", Type.DECIMAL),
    ),
    children=(
        optional("description", NARRATIVES, "What the line is for.", type_name="textRequiredType"),
        FOREIGN,
    ),
)
COUNTRY_BUDGET_ITEMS = Shape(
    name="CountryBudgetItems",
    group=GROUP,
    about="How the activity fits into the budget of the recipient country.",
    attributes=(
        attribute("vocabulary", "Classification of budget lines.", required=True, codes="BudgetIdentifierVocabulary"),
    ),
    children=(some("budget-item", BUDGET_ITEM, "One line of that budget."), FOREIGN),
)

TRANSACTION_SECTOR = Shape(
    name="TransactionSector",
    group=GROUP,
    about="The sector of one transaction.",
    attributes=(
        SECTOR_VOCABULARY,
        VOCABULARY_URI,
        attribute("code", "The sector.", required=True, codes=SECTOR_CODES),
    ),
    children=(NAMES, FOREIGN),
)
TRANSACTION_REGION = Shape(
    name="TransactionRegion",
    group=GROUP,
    about="The region of one transaction.",
    attributes=(
        attribute("code", "The region.", required=True, codes=REGION_CODES),
        REGION_VOCABULARY,
        VOCABULARY_URI,
    ),
    children=(NAMES, FOREIGN),
)
TRANSACTION = Shape(
    name="Transaction",
    group=GROUP,
    about="Money committed, moved or spent.",
    attributes=(
        attribute("ref", "The publisher's own reference of the transaction."),
        attribute("humanitarian", "True when the transaction is humanitarian aid.", Type.BOOLEAN),
    ),
    children=(
        one("transaction-type", CODED, "Commitment, disbursement, expenditure and so on.", codes="TransactionType"),
        one("transaction-date", DAY, "Day on which it was made or agreed."),
        AMOUNT,
        optional("description", NARRATIVES, "What it was for.", type_name="textRequiredType"),
        optional("provider-org", PROVIDER_ORG, "Who the money comes from; the reporting organisation when absent."),
        optional("receiver-org", RECEIVER_ORG, "Who the money goes to."),
        optional("disbursement-channel", CODED, "By what way the money reaches its use.", codes="DisbursementChannel"),
        many("sector", TRANSACTION_SECTOR, "Its sector, once for each vocabulary."),
        optional("recipient-country", COUNTRY, "The country that benefits."),
        optional("recipient-region", TRANSACTION_REGION, "The region that benefits."),
        optional("flow-type", CODED, "Its kind of flow, where it is not the activity's.", codes="FlowType"),
        optional("finance-type", CODED, "Its instrument, where it is not the activity's.", codes="FinanceType"),
        many("aid-type", AID_TYPE, "Its type of aid, where it is not the activity's.", type_name="aidTypeBase"),
        optional("tied-status", CODED, "Whether it is tied, where it is not the activity's.", codes="TiedStatus"),
        FOREIGN,
    ),
)

OTHER_FLAGS = Shape(
    name="OtherFlags",
    group=GROUP,
    about="A marker of creditor reporting.",
    attributes=(
        attribute("code", "The marker.", required=True, codes="CRSAddOtherFlags"),
        attribute("significance", "Whether the marker applies.", Type.BOOLEAN, required=True),
    ),
    children=(FOREIGN,),
)
LOAN_TERMS = Shape(
    name="LoanTerms",
    group=GROUP,
    about="The terms of a loan.",
    attributes=(
        attribute("rate-1", "Interest rate in percent.", Type.DECIMAL),
        attribute("rate-2", "Second interest rate in percent.", Type.DECIMAL),
    ),
    children=(
        optional("repayment-type", CODED, "How principal is repaid.", codes="LoanRepaymentType"),
        optional("repayment-plan", CODED, "How many repayments fall in a year.", codes="LoanRepaymentPeriod"),
        optional("commitment-date", DAY, "Day on which the loan was agreed."),
        optional("repayment-first-date", DAY, "Day of the first repayment."),
        optional("repayment-final-date", DAY, "Day of the last repayment."),
        FOREIGN,
    ),
)
LOAN_STATUS = Shape(
    name="LoanStatus",
    group=GROUP,
    about="The state of a loan in one year.",
    attributes=(
        attribute("year", "The year.", Type.DECIMAL, required=True),
        CURRENCY,
        VALUE_DATE,
    ),
    children=(
        optional("interest-received", BARE_DECIMAL, "Interest paid in the year."),
        optional("principal-outstanding", BARE_DECIMAL, "Principal owed at the end of the year."),
        optional("principal-arrears", BARE_DECIMAL, "Principal overdue at the end of the year."),
        optional("interest-arrears", BARE_DECIMAL, "Interest overdue at the end of the year."),
        FOREIGN,
    ),
)
CRS_ADD = Shape(
    name="CrsAdd",
    group=GROUP,
    about="Further data that creditor reporting to the OECD asks for.",
    children=(
        many("other-flags", OTHER_FLAGS, "A marker of creditor reporting."),
        optional("loan-terms", LOAN_TERMS, "The terms of a loan."),
        optional("loan-status", LOAN_STATUS, "The state of a loan."),
        optional("channel-code", BARE_TEXT, "The organisation through which aid is delivered.", codes="CRSChannelCode"),
        FOREIGN,
    ),
)
FORECAST = Shape(
    name="Forecast",
    group=GROUP,
    about="What is expected to be spent in a year.",
    attributes=(
        attribute("year", "The year.", Type.DECIMAL, required=True),
        CURRENCY,
        attribute("value-date", "Day whose exchange rate converts the amount.", Type.DATE, shared=True),
    ),
    text=Type.DECIMAL,
)
FSS = Shape(
    name="Fss",
    group=GROUP,
    about="Data of the OECD's survey of forward spending plans.",
    attributes=(
        attribute("extraction-date", "Day on which the data were drawn.", Type.DATE, required=True),
        attribute("priority", "True when the country is a priority partner.", Type.BOOLEAN),
        attribute("phaseout-year", "Year in which aid to the country ends.", Type.DECIMAL),
    ),
    children=(many("forecast", FORECAST, "The expected spending of one year."), FOREIGN),
)
