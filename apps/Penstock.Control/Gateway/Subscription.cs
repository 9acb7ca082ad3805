namespace Penstock.Control.Gateway;

/// <summary>One client's interest in one topic. The hub's thread, but for <see cref="NeedsSnapshot"/>, which its queue guards.</summary>
internal sealed class Subscription(Client client, string topic, int hz)
{
    public Client Client => client;

    public string Topic => topic;

    /// <summary>One of <see cref="Hub.Rates"/>.</summary>
    public int Hz => hz;

    /// <summary>An update would have nothing to follow.</summary>
    public bool NeedsSnapshot { get; set; } = true;
}
