using System.Text.Json;
using System.Text.RegularExpressions;
using HealthShare.Chaincode.Ledger;
using HealthShare.Node.Auth;
using HealthShare.Node.Consents.Explain;
using HealthShare.Policy.Decisions;

namespace HealthShare.UnitTests.Node.Consents.Explain;

public sealed partial class PlainWordsTests
{
    private static readonly string[] Placeholders = ["reader", "purpose", "until", "statement", "part", "custodian", "reason", "org", "role", "staff",
        "records", "before", "after", "gained", "lost", "cause"];

    [Fact]
    public void Every_reason_every_change_and_every_role_has_words_in_english()
    {
        var names = PlainWords.English.Names.ToHashSet();
        foreach (var reason in Enum.GetValues<DecisionReason>())
        {
            var decision = new Decision(false, reason, "st", 0, null, (Dimensions)((1 << 12) - 1));
            Assert.Contains($"decision.{DecisionCodes.CodeOf(reason)}", names);
            Assert.All(DecisionCodes.ChangesOf(decision), code => Assert.Contains($"change.{code}", names));
        }
        Assert.All(Enum.GetValues<LapseCause>(), cause => Assert.Contains($"lapse.{JsonNamingPolicy.CamelCase.ConvertName(cause.ToString())}", names));
        Assert.All(Enum.GetValues<Role>(), role => Assert.Contains($"role.{RoleCode.Of(role)}", names));
    }

    [Fact]
    public void No_language_has_names_or_placeholders_that_english_does_not_have()
    {
        Assert.Contains("en", PlainWords.Languages);
        foreach (var words in PlainWords.Languages.Select(language => PlainWords.For(language)))
        {
            Assert.Subset(PlainWords.English.Names.ToHashSet(), words.Names.ToHashSet());
            Assert.All(words.Names, name => Assert.All(Placeholder().Matches(words.Find(name)!).Select(match => match.Groups[1].Value),
                placeholder => Assert.Contains(placeholder, Placeholders)));
        }
    }

    [Theory]
    [InlineData(null), InlineData(""), InlineData("xx"), InlineData("de-CH;q=0.1, en;q=0.9"), InlineData("*"), InlineData(";;;,,=q\u0000")]
    public void A_language_that_there_are_no_words_in_is_answered_in_english(string? wanted) =>
        Assert.Equal("en", PlainWords.For(wanted).Language);

    [Fact]
    public void A_code_without_words_is_told_as_it_is() => Assert.Equal(
        "Staff of X may not read this record for treatment, for the reason deny.of_tomorrow.", PlainWords.English.Say("decision", "deny.of_tomorrow",
            "decision.deny.other", ("reader", "Staff of X"), ("purpose", "treatment")));

    [GeneratedRegex(@"\{([a-z]+)\}")]
    private static partial Regex Placeholder();
}
