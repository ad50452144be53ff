using System.Collections.Immutable;
using System.Text;
using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using HealthShare.Policy;
using HealthShare.Policy.Statements;

namespace HealthShare.UnitTests.Policy;

public sealed class StatementReaderTests
{
    [Fact]
    public void A_grant_is_read_member_by_member()
    {
        var statement = StatementReader.Read(SampleStatements.Grant().Canonical());
        Assert.Equal(("health", SampleStatements.Id, SampleStatements.Patient), (statement.Channel, statement.Id, statement.Patient));
        Assert.Equal(SampleStatements.Credential, statement.Signer.Credential);
        Assert.Equal(SampleStatements.Now, statement.Issued);
        var grant = Assert.IsType<GrantBody>(statement.Body);
        Assert.Equal(Effect.Permit, grant.Effect);
        Assert.Equal(new Period(SampleStatements.Now, SampleStatements.Now.AddDays(30)), grant.Period);
        Assert.False(grant.EmergencyNever);
        var provision = Assert.Single(grant.Scope);
        Holds(provision.Who, new WhoOrg("SouthMSP", "physician"));
        Holds(provision.Purpose, "TREAT");
        Holds(provision.Category, SampleStatements.TokenA);
        Assert.True(provision.Labels.IsDefault);
        Holds(Assert.Single(provision.Except).Labels, SampleStatements.TokenB);
    }

    [Fact]
    public void Every_dimension_is_read()
    {
        var json = SampleStatements.Grant();
        var provision = Provision(json);
        provision["labels"] = new JsonArray(SampleStatements.TokenB);
        provision["confidentiality"] = new JsonArray("N", "R");
        provision["records"] = new JsonArray("rc-gezdgnbvgy3tqojqgezdgnbvgy");
        provision["authors"] = new JsonArray(SampleStatements.TokenA);
        provision["encounters"] = new JsonArray(SampleStatements.TokenB);
        provision["custodians"] = new JsonArray("NorthMSP");
        provision["dataPeriod"] = new JsonObject { ["end"] = "2026-01-01T00:00:00Z" };
        provision["who"] = new JsonArray(new JsonObject { ["anyHospital"] = true }, new JsonObject { ["org"] = "EastMSP" },
            new JsonObject { ["org"] = "EastMSP", ["staff"] = "n-17" });
        json["body"]!["emergency"] = "never";
        var grant = (GrantBody)StatementReader.Read(json.Canonical()).Body;
        var read = grant.Scope[0];
        Assert.True(grant.EmergencyNever);
        Holds(read.Who, WhoAnyHospital.Instance, new WhoOrg("EastMSP"), new WhoOrg("EastMSP", Staff: "n-17"));
        Holds(read.Confidentiality, "N", "R");
        Holds(read.Records, "rc-gezdgnbvgy3tqojqgezdgnbvgy");
        Holds(read.Authors, SampleStatements.TokenA);
        Holds(read.Encounters, SampleStatements.TokenB);
        Holds(read.Custodians, "NorthMSP");
        Assert.Equal(new DataPeriod(null, new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero)), read.DataPeriod);
    }

    [Fact]
    public void A_revocation_a_link_and_an_erasure_are_read()
    {
        var revoke = SampleStatements.New(new RevokeBody(SampleStatements.Id));
        Assert.Equal(revoke, StatementReader.Read(StatementWriter.Write(revoke)));
        var link = SampleStatements.New(new LinkBody("SouthMSP"));
        Assert.Equal(link, StatementReader.Read(StatementWriter.Write(link)));
        var erasure = SampleStatements.New(new EraseBody());
        Assert.Equal(erasure, StatementReader.Read(StatementWriter.Write(erasure)));
    }

    [Fact]
    public void What_is_written_reads_back_to_the_same_bytes() => Check.QuickThrowOnFailure(Prop.ForAll(
        DecisionCases.Grants.ToArbitrary(), grant =>
        {
            var bytes = StatementWriter.Write(SampleStatements.New(grant));
            return StatementWriter.Write(StatementReader.Read(bytes)).AsSpan().SequenceEqual(bytes);
        }));

    [Theory]
    [InlineData("v", "2", "statement.version_unsupported")]
    [InlineData("v", "\"1\"", "statement.malformed")]
    [InlineData("type", "\"erase\"", "statement.unknown_member")]
    [InlineData("type", "\"addCredential\"", "statement.unknown_member")]
    [InlineData("type", "\"Grant\"", "statement.malformed")]
    [InlineData("type", "null", "statement.malformed")]
    [InlineData("channel", "\"Health\"", "statement.malformed")]
    [InlineData("channel", "\"\"", "statement.malformed")]
    [InlineData("id", "\"rc-gezdgnbvgy3tqojqgezdgnbvgy\"", "statement.malformed")]
    [InlineData("patient", "\"pt-1\"", "statement.malformed")]
    [InlineData("issued", "\"2026-03-01T08:00:00.5Z\"", "statement.malformed")]
    [InlineData("issued", "1772352000", "statement.malformed")]
    [InlineData("signer", "{}", "statement.malformed")]
    [InlineData("signer", "\"Y3JlZGVudGlhbC0wMQ\"", "statement.malformed")]
    [InlineData("signer", "{\"credential\":\"Y3Jl=\"}", "statement.malformed")]
    [InlineData("signer", "{\"credential\":\"Y3JlZGVudGlhbC0wMQ\",\"delegate\":\"x\"}", "statement.malformed")]
    [InlineData("body", "[]", "statement.malformed")]
    [InlineData("note", "\"call me\"", "statement.unknown_member")]
    [InlineData("v", "1.5", "json.not_integer")]
    public void A_broken_envelope_is_refused(string member, string value, string code)
    {
        var json = SampleStatements.Grant();
        json[member] = JsonNode.Parse(value);
        // A number that is no integer has no canonical form at all.
        var bytes = code.StartsWith("json.", StringComparison.Ordinal) ? Encoding.UTF8.GetBytes(json.ToJsonString()) : json.Canonical();
        Assert.Equal(code, Refusal(bytes).Code);
    }

    [Theory]
    [InlineData("effect", "\"allow\"", "statement.malformed")]
    [InlineData("scope", "[]", "statement.empty_list")]
    [InlineData("scope", "{}", "statement.malformed")]
    [InlineData("period", "{}", "statement.malformed")]
    [InlineData("period", "{\"start\":\"2026-03-01T08:00:00Z\",\"end\":\"2026-03-01T08:00:00Z\"}", "statement.period_invalid")]
    [InlineData("period", "{\"start\":\"2026-03-01T08:00:00Z\",\"length\":5}", "statement.unknown_member")]
    [InlineData("uses", "0", "statement.malformed")]
    [InlineData("uses", "101", "statement.malformed")]
    [InlineData("uses", "\"1\"", "statement.malformed")]
    [InlineData("replaces", "\"pt-gezdgnbvgy3tqojqgezdgnbvgy\"", "statement.malformed")]
    [InlineData("emergency", "\"always\"", "statement.malformed")]
    [InlineData("emergency", "null", "statement.malformed")]
    public void A_broken_grant_is_refused(string member, string value, string code)
    {
        var json = SampleStatements.Grant();
        json["body"]![member] = JsonNode.Parse(value);
        Assert.Equal(code, Refusal(json.Canonical()).Code);
    }

    [Theory]
    [InlineData("who", "[]", "statement.empty_list")]
    [InlineData("who", "[{}]", "statement.malformed")]
    [InlineData("who", "[{\"org\":\"S\",\"role\":\"a\",\"staff\":\"b\"}]", "statement.malformed")]
    [InlineData("who", "[{\"role\":\"physician\"}]", "statement.malformed")]
    [InlineData("who", "[{\"anyHospital\":false}]", "statement.malformed")]
    [InlineData("who", "[{\"anyHospital\":true,\"role\":\"physician\"}]", "statement.malformed")]
    [InlineData("who", "[{\"careTeam\":\"x\"}]", "statement.who_unsupported")]
    [InlineData("who", "[{\"study\":\"x\"}]", "statement.who_unsupported")]
    [InlineData("who", "[{\"org\":\"South MSP\"}]", "statement.malformed")]
    [InlineData("purpose", "[]", "statement.empty_list")]
    [InlineData("purpose", "[\"treat\"]", "statement.malformed")]
    [InlineData("purpose", "\"TREAT\"", "statement.malformed")]
    [InlineData("category", "[\"LAB\"]", "statement.malformed")]
    [InlineData("labels", "[\"bGFib3JhdG9yeS10b2tlbh\"]", "statement.malformed")]
    [InlineData("labels", "[null]", "statement.malformed")]
    [InlineData("confidentiality", "[\"X\"]", "statement.malformed")]
    [InlineData("records", "[\"pt-gezdgnbvgy3tqojqgezdgnbvgy\"]", "statement.malformed")]
    [InlineData("custodians", "[\"\"]", "statement.malformed")]
    [InlineData("dataPeriod", "{}", "statement.malformed")]
    [InlineData("dataPeriod", "{\"start\":\"2026-03-01T08:00:00Z\",\"end\":\"2026-02-01T08:00:00Z\"}", "statement.period_invalid")]
    [InlineData("except", "[]", "statement.empty_list")]
    [InlineData("except", "[{\"mood\":[\"x\"]}]", "statement.unknown_member")]
    [InlineData("Purpose", "[\"TREAT\"]", "statement.unknown_member")]
    public void A_broken_provision_is_refused(string member, string value, string code)
    {
        var json = SampleStatements.Grant();
        Provision(json)[member] = JsonNode.Parse(value);
        Assert.Equal(code, Refusal(json.Canonical()).Code);
    }

    [Theory]
    [InlineData(4, null)]
    [InlineData(5, "statement.too_deep")]
    public void Exceptions_nest_four_deep_at_most(int depth, string? code)
    {
        var json = SampleStatements.Grant();
        var innermost = new JsonObject { ["purpose"] = new JsonArray("TREAT") };
        for (var i = 1; i < depth; i++)
            innermost = new JsonObject { ["except"] = new JsonArray(innermost) };
        Provision(json)["except"] = new JsonArray(innermost);
        if (code is null)
            StatementReader.Read(json.Canonical());
        else
            Assert.Equal(code, Refusal(json.Canonical()).Code);
    }

    [Theory]
    [InlineData(60)]
    [InlineData(1_000)]
    public void Exceptions_deeper_than_any_JSON_that_is_read_are_refused_for_their_depth_too(int depth)
    {
        var json = SampleStatements.Grant();
        Provision(json)["except"] = new JsonArray("here");
        var nested = $"{string.Concat(Enumerable.Repeat("{\"except\":[", depth))}{string.Concat(Enumerable.Repeat("]}", depth))}";
        var text = Encoding.UTF8.GetString(json.Canonical()).Replace("\"here\"", nested, StringComparison.Ordinal);
        Assert.Equal("statement.too_deep", Refusal(Encoding.UTF8.GetBytes(text)).Code);
        Assert.Equal("json.malformed", Refusal(Encoding.UTF8.GetBytes(text[..^1])).Code);
    }

    [Fact]
    public void Every_missing_member_is_named()
    {
        foreach (var member in SampleStatements.Grant().Select(pair => pair.Key).ToArray())
        {
            var json = SampleStatements.Grant();
            json.Remove(member);
            var refusal = Refusal(json.Canonical());
            Assert.Equal("statement.malformed", refusal.Code);
            Assert.Contains($"statement.{member}", refusal.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Bytes_that_are_not_their_own_canonical_form_are_refused()
    {
        var canonical = Encoding.UTF8.GetString(SampleStatements.Grant().Canonical());
        Assert.Equal("statement.not_canonical", Refusal(Encoding.UTF8.GetBytes(canonical + "\n")).Code);
        Assert.Equal("statement.not_canonical", Refusal(Encoding.UTF8.GetBytes(canonical.Replace("\"v\":1", "\"v\": 1"))).Code);
        Assert.Equal("json.duplicate_name", Refusal(Encoding.UTF8.GetBytes(canonical.Replace("\"v\":1", "\"v\":1,\"v\":1"))).Code);
    }

    [Fact]
    public void Size_is_bounded()
    {
        Assert.Equal("statement.too_large", Refusal(new byte[Statement.MaxBytes + 1]).Code);
        var json = SampleStatements.Grant();
        Provision(json)["category"] = new JsonArray([.. Enumerable.Repeat(0, 257).Select(_ => JsonValue.Create(SampleStatements.TokenA))]);
        Assert.Equal("statement.malformed", Refusal(json.Canonical()).Code);
    }

    [Fact]
    public void A_refusal_never_repeats_what_a_person_wrote()
    {
        var json = SampleStatements.Grant();
        Provision(json)["category"] = new JsonArray("Jane Roe 1970");
        Assert.DoesNotContain("Jane", Refusal(json.Canonical()).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_refusal_names_the_member_and_advises_what_helps_there()
    {
        var json = SampleStatements.Grant();
        json["body"]!["efect"] = "deny";
        var message = Refusal(json.Canonical()).Message;
        Assert.Contains("statement.body has the member 'efect'", message, StringComparison.Ordinal);
        Assert.Contains("effect, scope, period", message, StringComparison.Ordinal);
        json = SampleStatements.Grant();
        json["body"]!["scope"] = new JsonArray();
        Assert.EndsWith("name at least one.", Refusal(json.Canonical()).Message, StringComparison.Ordinal);
        json = SampleStatements.Grant();
        Provision(json)["purpose"] = new JsonArray();
        Assert.EndsWith("leave it out to match everything.", Refusal(json.Canonical()).Message, StringComparison.Ordinal);
        json = SampleStatements.Grant();
        json["body"]!["Jane Roe 1970"] = 1;
        Assert.DoesNotContain("Jane", Refusal(json.Canonical()).ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Statement.MaxBytes, "statement.encoding_invalid")]
    [InlineData(Statement.MaxBytes + 3, "statement.too_large")]
    [InlineData(28 * 1024, "statement.too_large")]
    public void Text_that_is_too_long_is_told_from_text_that_is_no_base64url(int bytes, string code)
    {
        var text = System.Buffers.Text.Base64Url.EncodeToString(new byte[bytes]);
        Assert.Equal(code, Assert.Throws<PolicyException>(() => StatementReader.Decode($"{text[..^1]}!", Statement.MaxBytes, "The statement")).Code);
        if (bytes <= Statement.MaxBytes)
            Assert.Equal(bytes, StatementReader.Decode(text, Statement.MaxBytes, "The statement").Length);
    }

    // Immutable arrays are equal only when they share their storage, so they are compared entry by entry.
    private static void Holds<T>(ImmutableArray<T> actual, params T[] expected) => Assert.Equal(expected, actual.ToArray());

    private static JsonObject Provision(JsonObject json) => json["body"]!["scope"]![0]!.AsObject();

    private static PolicyException Refusal(byte[] bytes) => Assert.Throws<PolicyException>(() => StatementReader.Read(bytes));
}
