namespace Penstock.Strategies;

/// <summary>On a setting that a running strategy cannot follow, such as the length of a window that is filled: a change of it is refused.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class FixedAtStartAttribute : Attribute;
