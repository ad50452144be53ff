using System.Collections.Immutable;
using FsCheck;
using FsCheck.Fluent;
using HealthShare.Policy.Decisions;
using HealthShare.Policy.Ids;
using HealthShare.Policy.Statements;

namespace HealthShare.UnitTests.Policy;

/// <summary>One record, one request, some statements.</summary>
public sealed record DecisionCase(RecordFacts Record, RequestFacts Request, ImmutableArray<StatementInForce> Statements)
{
    public Decision Decide() => DecisionKernel.Decide(Record, Request, Statements.AsSpan());
}

/// <summary>Generates cases from small vocabularies, so that statements and requests often meet.</summary>
internal static class DecisionCases
{
    private static readonly DateTimeOffset Epoch = new(2026, 3, 1, 8, 0, 0, TimeSpan.Zero);
    private static readonly string[] Orgs = ["NorthMSP", "SouthMSP", "EastMSP"];
    private static readonly string[] Tokens = [.. Enumerable.Range(0, 3).Select(i => TokenOf($"t{i}"))];
    private static readonly string[] Ids = [.. Enumerable.Range(0, 3).Select(i =>
        LedgerId.From(IdKind.Record, Enumerable.Repeat((byte)i, 16).ToArray()))];

    public static Gen<GrantBody> Grants =>
        from effect in Gen.Elements(Effect.Permit, Effect.Deny)
        from scope in Provisions(2).NonEmptyListOf()
        from period in Periods
        from never in Gen.Elements(true, false)
        select new GrantBody(effect, [.. scope.Take(3)], period, never);

    public static Gen<DecisionCase> Cases =>
        from record in Records
        from request in Requests
        from statements in Statements.ListOf()
        select new DecisionCase(record, request, Numbered(statements.Take(8)));

    public static Gen<DateTimeOffset> AnyTimes => Gen.Frequency(
        (4, Times), (1, Gen.Elements(DateTimeOffset.MinValue, DateTimeOffset.MaxValue, DateTimeOffset.UnixEpoch, DateTimeOffset.MaxValue.AddTicks(-1))));

    public static string TokenOf(string code) => Token.Compute(new byte[Token.LabelKeyLength], TokenDimension.Category, code);

    private static ImmutableArray<StatementInForce> Numbered(IEnumerable<StatementInForce> statements) =>
        [.. statements.Select((statement, i) => statement with { Id = $"st-{i}" })];

    private static Gen<StatementInForce> Statements =>
        from grant in Grants
        from attester in Gen.Frequency((3, Gen.Constant<string?>(null)), (1, Gen.Elements<string?>(Orgs)))
        from effective in Gen.Frequency((9, Gen.Constant<DateTimeOffset?>(null)), (1, Times.Select(time => (DateTimeOffset?)time)))
        from uses in Gen.Frequency((7, Gen.Constant<int?>(null)), (1, Gen.Constant<int?>(2)))
        from hasUse in Gen.Elements(true, false)
        select new StatementInForce("", grant.Effect is Effect.Permit ? grant with { Uses = uses } : grant, attester, effective, hasUse);

    private static Gen<RecordFacts> Records =>
        from id in Gen.Elements(Ids)
        from custodian in Gen.Elements(Orgs)
        from categories in Gen.SubListOf(Tokens)
        from labels in Gen.SubListOf(Tokens)
        from author in Gen.Elements(null, Tokens[0], Tokens[1])
        from encounter in Gen.Elements(null, Tokens[0], Tokens[2])
        from confidentiality in Gen.Elements("N", "R")
        from date in Times
        select new RecordFacts(id, custodian, [.. categories], [.. labels], author, encounter, confidentiality, date);

    private static Gen<RequestFacts> Requests =>
        from org in Gen.Elements(Orgs)
        from role in Gen.Elements("physician", "nurse")
        from staff in Gen.Elements("s1", "s2")
        from purpose in Gen.Elements("TREAT", "ETREAT", "HRESCH")
        from hospital in Gen.Frequency((4, Gen.Constant(true)), (1, Gen.Constant(false)))
        from time in Times
        from until in Gen.Frequency((1, Gen.Constant<DateTimeOffset?>(null)), (1, Times.Select(end => (DateTimeOffset?)end)))
        from suspended in Gen.Frequency((9, Gen.Constant(false)), (1, Gen.Constant(true)))
        select new RequestFacts(org, hospital, role, staff, purpose, time, until, suspended);

    private static Gen<Provision> Provisions(int depth) =>
        from who in Maybe(Readers)
        from purpose in Maybe(Gen.Elements("TREAT", "ETREAT", "HRESCH"))
        from category in Maybe(Gen.Elements(Tokens))
        from labels in Maybe(Gen.Elements(Tokens))
        from confidentiality in Rarely(Gen.Elements("N", "R"))
        from records in Rarely(Gen.Elements(Ids))
        from authors in Rarely(Gen.Elements(Tokens))
        from encounters in Rarely(Gen.Elements(Tokens))
        from custodians in Rarely(Gen.Elements(Orgs))
        from data in Gen.Frequency((5, Gen.Constant<DataPeriod?>(null)), (1, Times.Select(t => (DataPeriod?)new DataPeriod(t, null))))
        from except in depth == 0 ? Gen.Constant(default(ImmutableArray<Provision>)) : Rarely(Provisions(depth - 1))
        select new Provision
        {
            Who = who, Purpose = purpose, Category = category, Labels = labels, Confidentiality = confidentiality, Records = records,
            Authors = authors, Encounters = encounters, Custodians = custodians, DataPeriod = data, Except = except,
        };

    private static Gen<Who> Readers => Gen.OneOf(
        Gen.Constant<Who>(WhoAnyHospital.Instance),
        Gen.Elements(Orgs).Select(org => (Who)new WhoOrg(org)),
        Gen.Elements(Orgs).Select(org => (Who)new WhoOrg(org, Role: "physician")),
        Gen.Elements(Orgs).Select(org => (Who)new WhoOrg(org, Staff: "s1")));

    private static Gen<Period> Periods =>
        from start in Times
        from length in Gen.Choose(0, 3)
        select new Period(start, length == 0 ? null : start.AddHours(length * 20));

    private static Gen<DateTimeOffset> Times => Gen.Choose(0, 8).Select(step => Epoch.AddHours(step * 12));

    private static Gen<ImmutableArray<T>> Maybe<T>(Gen<T> entry) => Sometimes(2, entry);

    private static Gen<ImmutableArray<T>> Rarely<T>(Gen<T> entry) => Sometimes(5, entry);

    private static Gen<ImmutableArray<T>> Sometimes<T>(int absent, Gen<T> entry) => Gen.Frequency(
        (absent, Gen.Constant(default(ImmutableArray<T>))),
        (1, entry.NonEmptyListOf().Select(items => items.Take(3).ToImmutableArray())));
}
